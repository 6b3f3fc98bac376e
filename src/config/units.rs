//! Amounts of memory and time, as people write them.

use std::fmt;
use std::str::FromStr;

/// An amount of memory, in bytes.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug, Default)]
pub struct Bytes(pub u64);

impl Bytes {
    /// That many times 2³⁰ bytes.
    pub const fn gibibytes(count: u64) -> Bytes {
        Bytes(count.saturating_mul(1 << 30))
    }

    /// That many times 2²⁰ bytes.
    pub const fn mebibytes(count: u64) -> Bytes {
        Bytes(count.saturating_mul(1 << 20))
    }
}

/// In the largest binary unit it fills, with at most one decimal: `16 GiB`, `1.5 GiB`.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, size) = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
            .into_iter()
            .find(|(_, size)| self.0 >= *size)
            .unwrap_or(("B", 1_u64));
        let tenths = (u128::from(self.0) * 10 + u128::from(size) / 2) / u128::from(size);
        match (tenths / 10, tenths % 10) {
            (whole, 0) => write!(f, "{whole} {unit}"),
            (whole, tenth) => write!(f, "{whole}.{tenth} {unit}"),
        }
    }
}

const BYTE_UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// A number and a unit: `16GiB`, `1.5 GB`.
impl FromStr for Bytes {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Bytes, UnitError> {
        let error = || UnitError::Bytes(text.to_owned());
        let (number, unit, rest) = amount(text).ok_or_else(error)?;
        let size = BYTE_UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .map(|(_, size)| *size)
            .ok_or_else(error)?;
        if !rest.is_empty() {
            return Err(error());
        }
        times(number, size).map(Bytes).ok_or_else(error)
    }
}

/// A length of time, in seconds.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug, Default)]
pub struct Seconds(pub u64);

impl Seconds {
    /// That many hours.
    pub const fn hours(count: u64) -> Seconds {
        Seconds(count.saturating_mul(3600))
    }
}

const TIME_UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// In hours, minutes and seconds, as it is written: `4h`, `1h30m`, `90s`.
impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if minutes > 0 {
            write!(f, "{minutes}m")?;
        }
        if seconds > 0 || self.0 == 0 {
            write!(f, "{seconds}s")?;
        }
        Ok(())
    }
}

/// Numbers with units, the larger first: `4h`, `90m`, `1h30m`.
impl FromStr for Seconds {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Seconds, UnitError> {
        let error = || UnitError::Seconds(text.to_owned());
        let mut units = TIME_UNITS.iter();
        let mut total: u64 = 0;
        let mut rest = text;
        loop {
            let (number, unit, after) = amount(rest).ok_or_else(error)?;
            let size =
                units.find(|(name, _)| *name == unit).map(|(_, size)| *size).ok_or_else(error)?;
            let part = times(number, size).ok_or_else(error)?;
            total = total.checked_add(part).ok_or_else(error)?;
            if after.is_empty() {
                return Ok(Seconds(total));
            }
            rest = after;
        }
    }
}

/// Why a text is no amount. The sentence says how to write one.
#[derive(Clone, Eq, PartialEq, Debug, thiserror::Error)]
pub enum UnitError {
    /// No amount of memory.
    #[error(
        "`{0}` is not an amount of memory; write a number and one of B, kB, MB, GB, TB, KiB, MiB, \
         GiB, TiB, as in \"16GiB\""
    )]
    Bytes(String),
    /// No length of time.
    #[error(
        "`{0}` is not a length of time; write numbers with d, h, m or s, as in \"4h\" or \"1h30m\", \
         or whole seconds without quotes"
    )]
    Seconds(String),
}

/// The first number of `text`, the unit behind it, and what follows.
fn amount(text: &str) -> Option<(&str, &str, &str)> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, rest) = text.split_at(digits);
    let rest = rest.trim_start();
    let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(letters);
    Some((number, unit, rest.trim_start()))
}

/// `number` in decimal, times `unit`, rounded down. None if it is no number or too large.
fn times(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    whole.checked_mul(unit)?.checked_add((fraction * unit as f64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_a_number_and_a_unit() {
        assert_eq!("16GiB".parse(), Ok(Bytes::gibibytes(16)));
        assert_eq!(" 16 GB ".parse(), Ok(Bytes(16_000_000_000)));
        assert_eq!("1.5gib".parse(), Ok(Bytes::mebibytes(1536)));
        assert_eq!("512 MiB".parse(), Ok(Bytes::mebibytes(512)));
        assert_eq!("0B".parse(), Ok(Bytes(0)));
    }

    #[test]
    fn other_texts_are_no_memory() {
        for text in [
            "",
            "16",
            "GiB",
            "16G",
            "16 GiB 2",
            "1.2.3GB",
            ".GB",
            "-1GB",
            "99999999TiB",
            "1GiB5MiB",
        ] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
        assert_eq!(
            "16G".parse::<Bytes>().unwrap_err().to_string(),
            "`16G` is not an amount of memory; write a number and one of B, kB, MB, GB, TB, KiB, \
             MiB, GiB, TiB, as in \"16GiB\""
        );
    }

    #[test]
    fn memory_prints_in_its_largest_unit() {
        assert_eq!(Bytes::gibibytes(16).to_string(), "16 GiB");
        assert_eq!(Bytes::mebibytes(1536).to_string(), "1.5 GiB");
        assert_eq!(Bytes(16_000_000_000).to_string(), "14.9 GiB");
        assert_eq!(Bytes(1000).to_string(), "1000 B");
        assert_eq!(Bytes(u64::MAX).to_string(), "16777216 TiB");
    }

    #[test]
    fn time_is_numbers_with_units() {
        assert_eq!("4h".parse(), Ok(Seconds(14_400)));
        assert_eq!("90m".parse(), Ok(Seconds(5_400)));
        assert_eq!("1h30m".parse(), Ok(Seconds(5_400)));
        assert_eq!("1h 30m 5s".parse(), Ok(Seconds(5_405)));
        assert_eq!("2d".parse(), Ok(Seconds(172_800)));
        assert_eq!("1.5h".parse(), Ok(Seconds(5_400)));
    }

    #[test]
    fn other_texts_are_no_time() {
        for text in ["", "4", "h", "30m1h", "1h1h", "4 hours", "-4h", "4h,"] {
            assert!(text.parse::<Seconds>().is_err(), "{text}");
        }
        assert_eq!(
            "4 hours".parse::<Seconds>().unwrap_err().to_string(),
            "`4 hours` is not a length of time; write numbers with d, h, m or s, as in \"4h\" or \
             \"1h30m\", or whole seconds without quotes"
        );
    }

    #[test]
    fn time_prints_as_it_is_written() {
        for text in ["4h", "1h30m", "90m", "45s", "0s", "1h1s"] {
            let time: Seconds = text.parse().unwrap();
            assert_eq!(time.to_string().parse(), Ok(time), "{text}");
        }
        assert_eq!(Seconds(14_400).to_string(), "4h");
        assert_eq!(Seconds(5_400).to_string(), "1h30m");
    }
}
