//! Strings: interpolation and what values are as text.

use std::sync::Arc;

use super::text::Piece;
use super::{EnvId, Evaluator, Kind, Limit, Origin, Text, ThunkId, Value, Why};
use crate::hir::{StrPart, name};
use crate::source::{FileId, Span};

/// What a piece of a string that is not known counts for.
const HOLE_SIZE: usize = 64;

impl<'p> Evaluator<'p> {
    pub(super) fn string(
        &mut self,
        file: FileId,
        parts: &'p [StrPart],
        env: EnvId,
        here: Span,
    ) -> Value {
        let mut joined = Joined::default();
        let mut origins = Vec::new();
        for part in parts {
            let added = match part {
                StrPart::Text(part) => joined.push_str(self, part),
                StrPart::Hole(expr) => {
                    let value = self.evaluate_part(file, *expr, env);
                    let part = self.coerce(&value, false);
                    origins.push(value.origin);
                    part.and_then(|part| joined.push(self, &part))
                }
            };
            if let Err(why) = added {
                return Value::unknown(why);
            }
        }
        let origin = if origins.is_empty() {
            Origin::written(here)
        } else {
            Origin::computed(here, origins)
        };
        Value::new(Kind::Str(joined.finish().into()), origin)
    }

    /// A value as text: what `${ }` does, or, where `any`, what `toString` does.
    ///
    /// What is not known becomes a hole in the text.
    ///
    /// # Errors
    ///
    /// Where Nix would refuse, or a limit was reached.
    pub(super) fn coerce(&mut self, value: &Value, any: bool) -> Result<Arc<Text>, Why> {
        match &value.kind {
            Kind::Str(text) => Ok(Arc::clone(text)),
            Kind::Unknown(why) if why.is_final() => Err(why.clone()),
            Kind::Path(_) | Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_) => {
                Ok(Text::hole(value.clone()).into())
            }
            Kind::Attrs(set) => {
                if let Some(slot) = set.get(name!("__toString"))
                    && !slot.optional
                {
                    let (function, this) = (self.force(slot.value), self.done(value.clone()));
                    return self.deeper(|evaluator| {
                        let text = evaluator.apply(&function, this, None, EnvId::ROOT);
                        evaluator.coerce(&text, any)
                    })?;
                }
                match (set.get(name!("outPath")), &set.rest) {
                    (Some(slot), _) if !slot.optional => {
                        let path = self.force(slot.value);
                        self.deeper(|evaluator| evaluator.coerce(&path, any))?
                    }
                    (Some(_), _) => Ok(Text::hole(value.clone()).into()),
                    (None, Some(_)) => Ok(Text::hole(value.clone()).into()),
                    (None, None) => Err(Why::Error("a set cannot be used as a string".into())),
                }
            }
            Kind::Int(int) if any => Ok(Text::plain(int.to_string()).into()),
            Kind::Float(float) if any => Ok(Text::plain(format!("{float:.6}")).into()),
            Kind::Bool(true) if any => Ok(Text::plain("1").into()),
            Kind::Bool(false) | Kind::Null if any => Ok(Arc::default()),
            Kind::List(items) if any => {
                let items = items.clone();
                Ok(self.coerce_list(&items)?.into())
            }
            _ => {
                Err(Why::Error(format!("{} cannot be used as a string", value.type_name()).into()))
            }
        }
    }

    /// `parts`, one after the other.
    ///
    /// # Errors
    ///
    /// [`Why::TooLarge`] where that is too long.
    pub(super) fn joined<'t>(
        &mut self,
        parts: impl IntoIterator<Item = &'t Text>,
    ) -> Result<Text, Why> {
        let mut joined = Joined::default();
        for part in parts {
            joined.push(self, part)?;
        }
        Ok(joined.finish())
    }

    fn coerce_list(&mut self, items: &[ThunkId]) -> Result<Text, Why> {
        let mut joined = Joined::default();
        for (index, item) in items.iter().enumerate() {
            self.spend(1)?;
            let value = self.force(*item);
            let part = self.deeper(|evaluator| evaluator.coerce(&value, true))??;
            joined.push(self, &part)?;
            // Nix writes no space after an empty list inside a list.
            let empty_list = value.as_list().is_some_and(|items| items.is_empty());
            if index + 1 < items.len() && !empty_list {
                joined.push_str(self, " ")?;
            }
        }
        Ok(joined.finish())
    }
}

/// A text that is being put together and may not grow beyond [`Limits::text`](super::Limits::text).
#[derive(Default)]
pub(super) struct Joined {
    text: Text,
    size: usize,
}

impl Joined {
    pub(super) fn push(&mut self, e: &mut Evaluator<'_>, part: &Text) -> Result<(), Why> {
        self.grow(e, part.size())?;
        self.text.push_text(part);
        Ok(())
    }

    pub(super) fn push_str(&mut self, e: &mut Evaluator<'_>, part: &str) -> Result<(), Why> {
        self.grow(e, part.len())?;
        self.text.push_str(part);
        Ok(())
    }

    fn grow(&mut self, e: &mut Evaluator<'_>, by: usize) -> Result<(), Why> {
        self.size = self.size.saturating_add(by);
        if self.size > e.limits.text {
            e.give_up(Limit::Text);
            return Err(Why::TooLarge);
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Text {
        self.text
    }
}

impl Text {
    /// The bytes of its known pieces and a share for each hole.
    pub(super) fn size(&self) -> usize {
        let size = |piece: &Piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Hole(_) => HOLE_SIZE,
        };
        self.pieces.iter().map(size).sum()
    }
}
