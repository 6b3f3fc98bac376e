//! Lists that hang on an undecided condition (`[ a ] ++ optional undecided b`): what a function makes of
//! each way to read them.

use crate::eval::{Evaluator, Kind, ThunkId, Value};

type Answer = Result<Value, Value>;

impl Evaluator<'_> {
    /// What `run` makes of `list`, or of each way to read it while there are few. One of which nothing
    /// can be told leaves the whole unknown.
    pub(super) fn over_sides(
        &mut self,
        list: ThunkId,
        run: fn(&mut Self, &[ThunkId], ThunkId) -> Answer,
        others: &[ThunkId],
    ) -> Answer {
        let value = self.force(list);
        let Kind::Choice(choice) = &value.kind else { return run(self, others, list) };
        if !self.has_few_alternatives(&value) {
            return Err(Value::unknown(value.why()));
        }
        let mut unknown = None;
        let kind = self.with_each_side(choice, |evaluator, side| {
            let made = evaluator.over_sides(side, run, others).unwrap_or_else(|failed| failed);
            if matches!(made.kind, Kind::Unknown(_)) {
                unknown = Some(made.clone());
            }
            evaluator.done(made)
        });
        match unknown {
            Some(unknown) if unknown.why().is_transient() => Err(unknown),
            Some(_) => Err(Value::unknown(value.why())),
            None => Ok(Value::new(kind, value.origin.clone())),
        }
    }

    /// `joined ++` all of `lists`, of which some hang on undecided conditions.
    pub(super) fn concat_all(&mut self, joined: Vec<ThunkId>, lists: &[ThunkId]) -> Answer {
        let mut all = Value::list(joined);
        for list in lists {
            let list = self.force(*list);
            all = Value::bare(self.concat(&all, &list));
            if matches!(all.kind, Kind::Unknown(_)) {
                return Err(all);
            }
        }
        Ok(all)
    }
}
