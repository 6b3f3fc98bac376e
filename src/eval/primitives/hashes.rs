//! `hashString`.

use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::{Primitive, primitives};
use crate::eval::machine::BYTES_A_STEP;
use crate::eval::{Evaluator, ThunkId, Value};

pub(super) const BUILTINS: &[Primitive] = primitives! {
    "hashString" 2 => hash_string;
};

fn hash_string(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Result<Value, Value> {
    let (kind, text) = (e.text_of(a[0])?, e.text_of(a[1])?);
    e.spend(text.len() / BYTES_A_STEP).map_err(Value::unknown)?;
    let bytes = text.as_bytes();
    Ok(Value::str(match kind.as_str() {
        "md5" => hexadecimal(&Md5::digest(bytes)),
        "sha1" => hexadecimal(&Sha1::digest(bytes)),
        "sha256" => hexadecimal(&Sha256::digest(bytes)),
        "sha512" => hexadecimal(&Sha512::digest(bytes)),
        // What newer versions know besides, older ones refuse.
        _ => return Err(Value::unknown(crate::eval::Why::NotFollowed("this kind of hash".into()))),
    }))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
