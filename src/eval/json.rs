//! A value wholly evaluated, as JSON: what `nix-instantiate --eval --strict --json` prints.

use serde_json::{Map, Number, Value as Json};

use super::{Evaluator, Kind, ThunkId, Value, Why};

impl<'p> Evaluator<'p> {
    /// `value` and everything in it.
    ///
    /// # Errors
    ///
    /// Why some part of it is not known, or has no JSON form.
    pub fn to_json(&mut self, value: &Value) -> Result<Json, Why> {
        self.json(value, &mut 0)
    }

    fn json(&mut self, value: &Value, parts: &mut usize) -> Result<Json, Why> {
        *parts += 1;
        self.can_hold(*parts)?;
        Ok(match &value.kind {
            Kind::Null => Json::Null,
            Kind::Bool(bool) => Json::Bool(*bool),
            Kind::Int(int) => Json::from(*int),
            Kind::Float(float) => Number::from_f64(*float).map_or(Json::Null, Json::Number),
            Kind::Str(text) => Json::String(text.as_plain().ok_or(Why::Undecided)?.to_owned()),
            Kind::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items.iter() {
                    list.push(self.json_part(*item, parts)?);
                }
                Json::Array(list)
            }
            Kind::Attrs(set) => {
                if !set.is_exact() {
                    return Err(Why::Undecided);
                }
                if set.get("__toString".into()).is_some() {
                    let text = self.coerce(value, false)?;
                    return Ok(Json::String(text.as_plain().ok_or(Why::Undecided)?.to_owned()));
                }
                if let Some(path) = set.get("outPath".into()) {
                    return self.json_part(path.value, parts);
                }
                let mut object = Map::new();
                for slot in set.slots() {
                    object.insert(slot.name.to_string(), self.json_part(slot.value, parts)?);
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

    fn json_part(&mut self, part: ThunkId, parts: &mut usize) -> Result<Json, Why> {
        let value = self.force(part);
        self.deeper(|evaluator| evaluator.json(&value, parts))?
    }
}
