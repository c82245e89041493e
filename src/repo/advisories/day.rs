/// How many days lie between two dates of the form `YYYY-MM-DD`; negative if `to` is the earlier one.
/// `None` if one of them is no date.
pub fn days_between(from: &str, to: &str) -> Option<i64> {
    Some(number(to)? - number(from)?)
}

/// Days since 0000-03-01 of the proleptic Gregorian calendar. Years begin in March here, so that the day
/// that comes and goes is the last of a year.
fn number(date: &str) -> Option<i64> {
    let bytes = date.as_bytes();
    let form = |at: usize, &b: &u8| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() };
    if bytes.len() != 10 || !bytes.iter().enumerate().all(|(at, b)| form(at, b)) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| date[range].parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let from_march = (month + 9) % 12;
    let year = if month < 3 { year - 1 } else { year };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(365 * year + leaps + (153 * from_march + 2) / 5 + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_months_years_and_leap_days() {
        let check = |from: &str, to: &str, expect: Option<i64>| {
            assert_eq!(days_between(from, to), expect, "{from} {to}");
        };
        check("2026-01-01", "2026-01-01", Some(0));
        check("2026-01-31", "2026-03-01", Some(29));
        check("2024-02-28", "2024-03-01", Some(2));
        check("1999-12-31", "2000-12-31", Some(366));
        check("1900-02-28", "1900-03-01", Some(1));
        check("1970-01-01", "2026-08-21", Some(20_686));
        check("2026-03-01", "2026-02-01", Some(-28));
        check("2026-3-1", "2026-02-01", None);
        check("2026-13-01", "2026-02-01", None);
        check("", "2026-02-01", None);
        check("２026-0-01", "2026-02-01", None);
    }
}
