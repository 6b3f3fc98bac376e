//! Which rules want to see which syntax nodes, so that one walk serves all of them.

use rnix::SyntaxNode;

use super::fault::{Fault, Lost, guard};
use crate::lint::{NodeContext, Rule};
use crate::source::Tree;

/// The rules by the kind of node they want. Built once for a choice of rules.
#[derive(Default)]
pub(super) struct Dispatch {
    by_kind: Vec<Vec<&'static dyn Rule>>,
}

impl Dispatch {
    pub(super) fn new(rules: &[&'static dyn Rule]) -> Dispatch {
        let mut dispatch = Dispatch::default();
        for rule in rules {
            for kind in rule.kinds() {
                let index = *kind as usize;
                if dispatch.by_kind.len() <= index {
                    dispatch.by_kind.resize_with(index + 1, Vec::new);
                }
                dispatch.by_kind[index].push(*rule);
            }
        }
        dispatch
    }

    /// Whether no rule wants to see any node.
    pub(super) fn is_empty(&self) -> bool {
        self.by_kind.is_empty()
    }

    /// Shows the nodes under `root` to the rules that want them. A rule with a fault sees no more
    /// of the file.
    pub(super) fn walk(
        &self,
        root: &SyntaxNode,
        tree: &Tree,
        context: &mut NodeContext<'_>,
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.by_kind.is_empty() {
            return faults;
        }
        let mut faulty: Vec<&'static str> = Vec::new();
        for node in root.descendants() {
            for rule in self.by_kind.get(node.kind() as usize).into_iter().flatten() {
                let id = rule.meta().id;
                if faulty.contains(&id) {
                    continue;
                }
                let path = tree.path(context.file);
                let lost = || Lost::RuleInFile { rule: id, path: path.to_owned() };
                if let Err(fault) = guard(lost, || rule.check_node(&node, context)) {
                    faulty.push(id);
                    faults.push(fault);
                }
            }
        }
        faults
    }
}
