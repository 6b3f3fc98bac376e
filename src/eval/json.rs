//! A value wholly evaluated, as JSON: what `nix-instantiate --eval --strict --json` prints.

use serde_json::{Map, Number, Value as Json};

use super::{Evaluator, Kind, Value, Why};

/// Values nested deeper than this are not written out.
const MAX_DEPTH: u32 = 200;

/// A value with more parts than this is not written out.
const MAX_PARTS: usize = 200_000;

impl<'p> Evaluator<'p> {
    /// `value` and everything in it.
    ///
    /// # Errors
    ///
    /// Why some part of it is not known, or has no JSON form.
    pub fn to_json(&mut self, value: &Value) -> Result<Json, Why> {
        let mut parts = MAX_PARTS;
        self.json(value, 0, &mut parts)
    }

    fn json(&mut self, value: &Value, depth: u32, parts: &mut usize) -> Result<Json, Why> {
        if depth > MAX_DEPTH || *parts == 0 {
            return Err(Why::Limit);
        }
        *parts -= 1;
        Ok(match &value.kind {
            Kind::Null => Json::Null,
            Kind::Bool(bool) => Json::Bool(*bool),
            Kind::Int(int) => Json::from(*int),
            Kind::Float(float) => Number::from_f64(*float).map_or(Json::Null, Json::Number),
            Kind::Str(text) => Json::String(text.as_plain().ok_or(Why::Undecided)?.to_owned()),
            Kind::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items.iter() {
                    let item = self.force(*item);
                    list.push(self.json(&item, depth + 1, parts)?);
                }
                Json::Array(list)
            }
            Kind::Attrs(set) => {
                if !set.is_exact() {
                    return Err(Why::Undecided);
                }
                let special = ["outPath", "__toString"];
                if special.iter().any(|name| set.get((*name).into()).is_some()) {
                    return Err(Why::NotFollowed("a set that stands for a string".into()));
                }
                let mut object = Map::new();
                for slot in set.slots() {
                    let field = self.force(slot.value);
                    object.insert(slot.name.to_string(), self.json(&field, depth + 1, parts)?);
                }
                Json::Object(object)
            }
            Kind::Lambda(_) | Kind::Primitive(_) => {
                return Err(Why::Error("a function has no JSON form".into()));
            }
            Kind::Path(_) => return Err(Why::NotFollowed("copying a path to the store".into())),
            Kind::Symbol(_) | Kind::Choice(_) | Kind::Unknown(_) => return Err(value.why()),
        })
    }
}
