//! Which names are meant.

/// Whether `name` is of `pattern`, in which `*` stands for any letters, none too, and `?` for any one.
/// Hidden names are of no pattern that does not say the point itself.
pub fn is_of(name: &str, pattern: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    // Where both stand; and where they stood behind the last star, to let it stand for one letter more.
    let (mut at, mut of, mut star) = (0, 0, None);
    while at < name.len() {
        match pattern.get(of) {
            Some('*') => {
                star = Some((at, of + 1));
                of += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[at] => (at, of) = (at + 1, of + 1),
            _ => match &mut star {
                None => return false,
                Some((from, behind)) => {
                    *from += 1;
                    (at, of) = (*from, *behind);
                }
            },
        }
    }
    pattern[of..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_letters_and_a_question_mark_is_one() {
        for (name, pattern) in [
            ("events-1.jsonl", "events-*.jsonl"),
            ("events-.jsonl", "events-*.jsonl"),
            ("größe.csv", "gr?ße.csv"),
            ("a.b.csv", "*.csv"),
            ("aXbXc", "*X*"),
            ("abab", "*ab"),
            ("x", "***x***"),
            ("[1].csv", "[1].csv"),
            (".hidden", ".*"),
        ] {
            assert!(is_of(name, pattern), "{name} {pattern}");
        }
        for (name, pattern) in [
            ("events-1.json", "events-*.jsonl"),
            ("events.csv", "?events.csv"),
            (".events.csv", "*.csv"),
            (".events.csv", "?events.csv"),
            ("a", ""),
            ("", "?"),
            ("Events.csv", "events.csv"),
        ] {
            assert!(!is_of(name, pattern), "{name} {pattern}");
        }
    }

    #[test]
    fn many_stars_cost_no_time_worth_a_word() {
        assert!(!is_of(&"a".repeat(5_000), &format!("{}b", "a*".repeat(100))));
    }
}
