/// Whether this is a day of the calendar, as `YYYY-MM-DD`.
pub(super) fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let form = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, b)| if at == 4 || at == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !form {
        return false;
    }
    let number = |from: usize, to: usize| bytes[from..to].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::is_day;

    #[test]
    fn days_of_the_calendar() {
        for day in ["2027-01-31", "2028-02-29", "2000-02-29", "2026-12-31", "2026-11-30"] {
            assert!(is_day(day), "{day}");
        }
        for text in
            ["2027-02-29", "1900-02-29", "2027-13-01", "2027-00-01", "2027-01-00", "2027-1-1", "27-01-01"]
        {
            assert!(!is_day(text), "{text}");
        }
        for text in ["2027-04-31", "2027/01/01", "tomorrow", "", "2027-01-31T00:00:00", "２０２７-01-01"]
        {
            assert!(!is_day(text), "{text}");
        }
    }
}
