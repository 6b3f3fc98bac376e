//! Strings: interpolation and what values are as text.

use super::value::Piece;
use super::{EnvId, Evaluator, Kind, Origin, Text, ThunkId, Value, Why};
use crate::hir::{Name, StrPart};
use crate::source::{FileId, Span};

/// A string may not grow beyond this many bytes.
pub(super) const MAX_TEXT: usize = 4 << 20;

impl<'p> Evaluator<'p> {
    pub(super) fn string(
        &mut self,
        file: FileId,
        parts: &'p [StrPart],
        env: EnvId,
        here: Span,
    ) -> Value {
        let mut text = Text::default();
        let mut origins = Vec::new();
        for part in parts {
            match part {
                StrPart::Text(part) => text.push_str(part),
                StrPart::Hole(expr) => {
                    let value = self.evaluate_part(file, *expr, env);
                    match self.coerce(&value, false) {
                        Ok(part) => text.push_text(&part),
                        Err(why) => return Value::unknown(why),
                    }
                    origins.push(value.origin);
                }
            }
            if text.len() > MAX_TEXT {
                return Value::unknown(Why::Limit);
            }
        }
        let origin = if origins.is_empty() {
            Origin::written(here)
        } else {
            Origin::computed(here, origins)
        };
        Value::new(Kind::Str(text.into()), origin)
    }

    /// A value as text: what `${ }` does, or, where `any`, what `toString` does.
    ///
    /// What is not known becomes a hole in the text.
    ///
    /// # Errors
    ///
    /// Where Nix would refuse, or a limit was reached.
    pub(super) fn coerce(&mut self, value: &Value, any: bool) -> Result<Text, Why> {
        match &value.kind {
            Kind::Str(text) => Ok(Text::clone(text)),
            Kind::Unknown(why) if why.is_final() => Err(why.clone()),
            Kind::Path(_) | Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_) => {
                Ok(Text { pieces: vec![Piece::Hole(value.clone())] })
            }
            Kind::Attrs(set) => {
                if let Some(slot) = set.get(Name::new("__toString"))
                    && !slot.optional
                {
                    let (function, this) = (self.force(slot.value), self.done(value.clone()));
                    return self.deeper(|evaluator| {
                        let text = evaluator.apply(&function, this, None, EnvId::ROOT);
                        evaluator.coerce(&text, any)
                    })?;
                }
                match (set.get(Name::new("outPath")), &set.rest) {
                    (Some(slot), _) if !slot.optional => {
                        let path = self.force(slot.value);
                        self.deeper(|evaluator| evaluator.coerce(&path, any))?
                    }
                    (Some(_), _) => Ok(Text { pieces: vec![Piece::Hole(value.clone())] }),
                    (None, Some(_)) => Ok(Text { pieces: vec![Piece::Hole(value.clone())] }),
                    (None, None) => Err(Why::Error("a set cannot be used as a string".into())),
                }
            }
            Kind::Int(int) if any => Ok(Text::plain(int.to_string())),
            Kind::Float(float) if any => Ok(Text::plain(format!("{float:.6}"))),
            Kind::Bool(true) if any => Ok(Text::plain("1")),
            Kind::Bool(false) | Kind::Null if any => Ok(Text::default()),
            Kind::List(items) if any => {
                let items = items.clone();
                self.coerce_list(&items)
            }
            _ => {
                Err(Why::Error(format!("{} cannot be used as a string", value.type_name()).into()))
            }
        }
    }

    fn coerce_list(&mut self, items: &[ThunkId]) -> Result<Text, Why> {
        let mut joined = Text::default();
        for (index, item) in items.iter().enumerate() {
            let value = self.force(*item);
            joined.push_text(&self.deeper(|evaluator| evaluator.coerce(&value, true))??);
            // Nix writes no space after an empty list inside a list.
            let empty_list = value.as_list().is_some_and(|items| items.is_empty());
            if index + 1 < items.len() && !empty_list {
                joined.push_str(" ");
            }
            if joined.len() > MAX_TEXT {
                return Err(Why::Limit);
            }
        }
        Ok(joined)
    }
}

impl Text {
    /// The bytes of its known pieces.
    pub fn len(&self) -> usize {
        self.pieces
            .iter()
            .map(|piece| if let Piece::Text(text) = piece { text.len() } else { 0 })
            .sum()
    }

    /// Whether it is the empty string.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}
