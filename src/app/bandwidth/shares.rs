//! The rule of sharing: max-min fair.

/// Divides `amount` among those who want so much each.
///
/// Nobody gets more than they want, nothing is kept back that somebody wants, and whoever gets
/// less than they want gets no less than anybody else, to the byte: what cannot be divided goes,
/// one each, to those who stand first.
///
/// Source: D. Bertsekas, R. Gallager, Data Networks, §6.5.2 (max-min flow control).
pub fn shares(amount: u64, wanted: &[u64]) -> Vec<u64> {
    let mut modest_first: Vec<usize> = (0..wanted.len()).collect();
    modest_first.sort_by_key(|&place| wanted[place]);
    let mut given = vec![0; wanted.len()];
    let mut left = amount;
    for (before, &place) in modest_first.iter().enumerate() {
        let others = (wanted.len() - before) as u64;
        if wanted[place] > left / others {
            // Neither this one nor any that follows can have all it wants.
            let mut rest = modest_first[before..].to_vec();
            rest.sort_unstable();
            for (number, place) in (0..).zip(rest) {
                given[place] = left / others + u64::from(number < left % others);
            }
            return given;
        }
        given[place] = wanted[place];
        left -= wanted[place];
    }
    given
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_one_does_not_want_goes_to_the_others_and_the_rest_to_the_first() {
        for (amount, wanted, given) in [
            (10, &[][..], &[][..]),
            (0, &[5, 5], &[0, 0]),
            (10, &[20], &[10]),
            (10, &[4, 100, 100], &[4, 3, 3]),
            (10, &[100, 1, 100], &[5, 1, 4]),
            (2, &[9, 7, 8], &[1, 1, 0]),
            (100, &[1, 2, 3], &[1, 2, 3]),
            (u64::MAX, &[u64::MAX, u64::MAX], &[u64::MAX / 2 + 1, u64::MAX / 2]),
        ] {
            assert_eq!(shares(amount, wanted), given, "{amount} for {wanted:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nobody_is_envied(
            amount in 0u64..5_000,
            wanted in prop::collection::vec(0u64..1_000, 0..12),
        ) {
            let given = shares(amount, &wanted);
            let (all_wanted, all_given): (u64, u64) = (wanted.iter().sum(), given.iter().sum());
            prop_assert_eq!(all_given, amount.min(all_wanted));
            let most = given.iter().max().copied().unwrap_or(0);
            for (given, wanted) in given.iter().zip(&wanted) {
                prop_assert!(given <= wanted);
                prop_assert!(given == wanted || given + 1 >= most, "{:?} of {:?}", given, wanted);
            }
        }

        #[test]
        fn who_stands_first_never_gets_less_for_the_same_wish(
            amount in 0u64..100,
            wish in 1u64..50,
            count in 1usize..9,
        ) {
            prop_assert!(shares(amount, &vec![wish; count]).is_sorted_by(|earlier, later| earlier >= later));
        }
    }
}
