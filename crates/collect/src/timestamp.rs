//! Times as the AWS CLI prints them with `cli_timestamp_format = iso8601`, the default of its version 2.
//!
//! A time that came as text keeps its offset; one that came as seconds is printed in UTC, as the CLI does where the machine's
//! time zone is UTC.
//!
//! SOURCE: botocore's `parse_timestamp` and Python's `datetime.isoformat` (checked 2026-11-27).

use std::fmt::Write as _;

use jiff::{Timestamp, civil::DateTime, fmt::temporal::Pieces, tz::Offset};

/// What went wrong, as the end of a sentence that begins with the member.
pub(crate) type Why = String;

/// From text: ISO 8601 with date and time, or seconds since 1970.
pub(crate) fn from_text(text: &str) -> Result<String, Why> {
    if let Ok(seconds) = text.trim().parse::<f64>() {
        return from_seconds(seconds);
    }
    let wrong = || format!("is not a time: `{text}`");
    let pieces = Pieces::parse(text).map_err(|_| wrong())?;
    let (Some(time), None) = (pieces.time(), pieces.time_zone_annotation()) else { return Err(wrong()) };
    let mut printed = civil(pieces.date().to_datetime(time));
    if let Some(offset) = pieces.to_numeric_offset() {
        let seconds = offset.seconds();
        let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
        let (hours, minutes, rest) = (size / 3600, size / 60 % 60, size % 60);
        let _ = write!(printed, "{sign}{hours:02}:{minutes:02}");
        if rest != 0 {
            let _ = write!(printed, ":{rest:02}");
        }
    }
    Ok(printed)
}

/// From seconds since 1970, to the microsecond.
pub(crate) fn from_seconds(seconds: f64) -> Result<String, Why> {
    let wrong = || format!("is not a time: `{seconds}`");
    // Python rounds the fraction by itself, half to even.
    let micros = (seconds.fract() * 1e6).round_ties_even();
    if !(-1e12..1e12).contains(&seconds) {
        return Err(wrong());
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 1e12")]
    let (seconds, micros) = (seconds.trunc() as i64, micros as i64);
    let time = Timestamp::from_microsecond(seconds * 1_000_000 + micros).map_err(|_| wrong())?;
    Ok(civil(Offset::UTC.to_datetime(time)) + "+00:00")
}

fn civil(time: DateTime) -> String {
    let micros = time.subsec_nanosecond() / 1_000;
    let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
    let (year, month, day) = (time.year(), time.month(), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each as botocore 1.43.64 reads it and Python 3.11 prints it, with `TZ=UTC`.
    #[test]
    fn times_are_printed_as_the_cli_does() {
        let times = [
            ("2024-02-29T23:59:58Z", "2024-02-29T23:59:58+00:00"),
            ("2024-02-29T23:59:58.000Z", "2024-02-29T23:59:58+00:00"),
            ("2024-02-29T23:59:58.120Z", "2024-02-29T23:59:58.120000+00:00"),
            ("2024-02-29T23:59:58.123456789Z", "2024-02-29T23:59:58.123456+00:00"),
            ("2024-02-29T23:59:58+02:00", "2024-02-29T23:59:58+02:00"),
            ("2024-02-29T23:59:58.5-0330", "2024-02-29T23:59:58.500000-03:30"),
            ("2024-02-29 23:59:58", "2024-02-29T23:59:58"),
            ("1709251198.5", "2024-02-29T23:59:58.500000+00:00"),
            ("0", "1970-01-01T00:00:00+00:00"),
        ];
        for (wire, printed) in times {
            assert_eq!(from_text(wire).as_deref(), Ok(printed), "{wire}");
        }
        let seconds = [
            (1_709_251_198.123, "2024-02-29T23:59:58.123000+00:00"),
            (1_709_251_198.0, "2024-02-29T23:59:58+00:00"),
            (-1.5, "1969-12-31T23:59:58.500000+00:00"),
            (0.000_000_5, "1970-01-01T00:00:00+00:00"),
            (0.000_001_5, "1970-01-01T00:00:00.000002+00:00"),
            (0.999_999_9, "1970-01-01T00:00:01+00:00"),
        ];
        for (wire, printed) in seconds {
            assert_eq!(from_seconds(wire).as_deref(), Ok(printed), "{wire}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for wire in ["", "2024-02-30T00:00:00Z", "2024-02-29", "tomorrow", "nan", "inf", "1e300"] {
            assert!(from_text(wire).is_err(), "{wire}");
        }
    }
}
