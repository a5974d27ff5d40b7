//! Lines whose end is known, and lines that are played with jobs of uneven length.

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const USUAL: Duration = Duration::from_secs(10);

fn user(queued: u64, running: &[Duration], at_a_time: u64) -> InLine {
    InLine { queued, running: running.to_vec(), at_a_time, last_claim: Timestamp::from_millis(0) }
}

fn line(slots: u64, users: Vec<InLine>) -> Line {
    Line { slots, usual: USUAL, users, mine: 0 }
}

fn foretold(position: u64, begins_in: Duration) -> Option<Foretold> {
    Some(Foretold { position, begins_in })
}

#[test]
fn whoever_is_next_is_first_and_begins_when_a_slot_is_free() {
    assert_eq!(line(1, vec![user(1, &[], 3)]).foretell(), foretold(1, Duration::ZERO));
    let behind_one = line(1, vec![user(1, &[], 3), user(0, &[4 * SECOND], 3)]);
    assert_eq!(behind_one.foretell(), foretold(1, 6 * SECOND));
}

#[test]
fn ten_thousand_of_somebody_else_are_one_job_s_time() {
    let crowd = user(10_000, &[SECOND, SECOND], 3);
    assert_eq!(line(2, vec![user(1, &[], 3), crowd]).foretell(), foretold(1, 9 * SECOND));
}

#[test]
fn whoever_has_as_many_running_as_they_may_does_not_stand_before_others() {
    let full = user(50, &[SECOND], 1);
    assert_eq!(line(2, vec![user(1, &[], 1), full]).foretell(), foretold(1, Duration::ZERO));
    let mine_are_running = line(8, vec![user(2, &[SECOND, SECOND], 2)]);
    assert_eq!(mine_are_running.foretell(), foretold(2, 9 * SECOND));
}

#[test]
fn a_long_line_of_one_s_own_goes_by_as_fast_as_one_may() {
    let alone = line(8, vec![user(30, &[], 3)]);
    assert_eq!(alone.foretell(), foretold(30, 9 * USUAL));
}

#[test]
fn where_nothing_will_ever_run_nothing_is_foretold() {
    assert_eq!(line(4, vec![user(1, &[], 0)]).foretell(), None);
    assert_eq!(line(0, vec![user(1, &[], 3)]).foretell(), None);
}

#[test]
fn a_job_that_takes_long_is_not_about_to_end_for_ever() {
    assert_eq!(still(4 * SECOND, USUAL), 6 * SECOND);
    assert_eq!(still(10 * SECOND, USUAL), SECOND * 5 / 2);
    assert_eq!(still(100 * SECOND, USUAL), 25 * SECOND);
}

/// What really happens when each job lasts as long as `lasts` says: the same rule by which slots
/// are given away, written down once more and more simply.
fn played(line: &Line, mut lasts: impl FnMut() -> Duration) -> (u64, Duration) {
    let mut queued: Vec<u64> = line.users.iter().map(|user| user.queued).collect();
    let mut last: Vec<i64> = line.users.iter().map(|user| user.last_claim.millis()).collect();
    let (mut running, mut now, mut begun) = (Vec::<(Duration, usize)>::new(), Duration::ZERO, 0);
    for (index, user) in line.users.iter().enumerate() {
        running.extend(user.running.iter().map(|ran| (lasts().saturating_sub(*ran), index)));
    }
    loop {
        while (running.len() as u64) < line.slots {
            let busy = |user: usize| running.iter().filter(|(_, owner)| *owner == user).count() as u64;
            let may = |user: &usize| queued[*user] > 0 && busy(*user) < line.users[*user].at_a_time;
            let Some(next) =
                (0..queued.len()).filter(may).min_by_key(|user| (busy(*user), last[*user], *user))
            else {
                break;
            };
            begun += 1;
            queued[next] -= 1;
            last[next] = 1_000_000 + begun;
            if next == line.mine && queued[next] == 0 {
                return (u64::try_from(begun).expect("a few"), now);
            }
            running.push((now + lasts(), next));
        }
        let soonest = (0..running.len()).min_by_key(|index| running[*index].0).expect("somebody runs");
        now = running.swap_remove(soonest).0;
    }
}

fn anyone() -> impl Strategy<Value = InLine> {
    let running = prop::collection::vec((0u64..10).prop_map(Duration::from_secs), 0..3);
    (0u64..40, running, 1u64..5, 0i64..5).prop_map(|(queued, running, at_a_time, last)| InLine {
        queued,
        at_a_time: at_a_time.max(running.len() as u64),
        running,
        last_claim: Timestamp::from_millis(last),
    })
}

proptest! {
    /// Many users, caps and slots, and jobs that last from two thirds to four thirds of what is
    /// usual: what is told is within a factor of two of what comes, but for a place and a job.
    #[test]
    fn what_is_foretold_comes_true_within_a_factor_of_two(
        slots in 1u64..9,
        mut users in prop::collection::vec(anyone(), 1..8),
        rank in 1u64..60,
        uneven in prop::collection::vec(667u64..1333, 64),
    ) {
        users[0].queued = rank;
        let line = Line { slots, usual: USUAL, users, mine: 0 };
        let mut turn = uneven.iter().cycle();
        let (position, begins_in) = played(&line, || USUAL * u32::try_from(*turn.next().expect("a cycle")).expect("small") / 1000);
        let told = line.foretell().expect("somebody runs");
        let within = |told: f64, came: f64, grace: f64| told <= came * 2.0 + grace && came <= told * 2.0 + grace;
        prop_assert!(within(told.position as f64, position as f64, 1.0), "place {} was {position}", told.position);
        let (told, came) = ((told.begins_in + USUAL).as_secs_f64(), (begins_in + USUAL).as_secs_f64());
        prop_assert!(within(told, came, 0.0), "{told} s were {came} s");
    }
}
