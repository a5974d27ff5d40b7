//! Sizes as people read them.

/// `12.0 MB`: base 1024, one decimal, bytes whole. The one size formatter there is.
pub fn human_size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // Tenths of a unit in whole numbers: a float would print 1024.0 KB just below 1 MB.
    let mut unit = 0;
    let mut size = u128::from(bytes);
    let mut tenths = (size * 10 + 512) / 1024;
    while tenths >= 10 * 1024 && unit + 1 < UNITS.len() {
        unit += 1;
        size /= 1024;
        tenths = (size * 10 + 512) / 1024;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::human_size;

    #[test]
    fn a_size_is_told_in_its_unit_with_one_decimal() {
        for (bytes, told) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KB"),
            (1536, "1.5 KB"),
            (100 * 1024, "100.0 KB"),
            (1024 * 1024 - 1, "1.0 MB"),
            (1024 * 1024, "1.0 MB"),
            (12 * 1024 * 1024, "12.0 MB"),
            (13_107_200, "12.5 MB"),
            (1024 * 1024 * 1024 - 1, "1.0 GB"),
            (5 * 1024 * 1024 * 1024, "5.0 GB"),
            (u64::MAX, "16.0 EB"),
        ] {
            assert_eq!(human_size(bytes), told, "{bytes}");
        }
    }
}
