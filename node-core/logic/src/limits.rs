//! Every interval and timeout that two services must agree on, with its reason.

use std::time::Duration;

/// How often a node tells each member that it is there. Two a second cost some 100 bytes a second a
/// link, and give the detector three chances before [`SUSPECT_AFTER`].
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(500);

/// Silence after which a member is suspected whatever its history: four heartbeats.
pub const SUSPECT_AFTER: Duration = Duration::from_millis(2_000);

/// Silence after which a member is down, if the others suspect it too.
///
/// A cable that is plugged in again within six seconds must move nothing: the last heartbeat may be half a second older than
/// the cut, the next dial comes up to 0.3 s after its end, and a lost segment costs another 0.2 s.
pub const SILENCE_TIMEOUT: Duration = Duration::from_millis(7_000);

/// The same while nobody else suspects the member: two more seconds for the others to say what they
/// heard, and for this node to find out that the fault is its own.
pub const SILENCE_UNCONFIRMED: Duration = Duration::from_millis(9_000);

/// How often the detector looks at its peers.
pub const DETECT_INTERVAL: Duration = Duration::from_millis(100);

/// Our own timers ran late by more than this: the time counts as no one's silence.
pub const STALL: Duration = Duration::from_millis(500);

/// How long changes are collected before they are pushed: long enough to batch a burst, too short
/// to be seen.
pub const PUSH_DELAY: Duration = Duration::from_millis(2);

/// How far apart two pushes of one node are at least: each message is signed once and verified by
/// everyone, which took an eighth of the processor when ten thousand agents started.
pub const PUSH_INTERVAL: Duration = Duration::from_millis(10);

/// How often digests are compared with the next peer of the round.
pub const REPAIR_INTERVAL: Duration = Duration::from_millis(1_000);

/// Bytes of changes in one gossip message: below gossipsub's limit of 64 KiB with room for its frame.
pub const PUSH_SIZE: usize = 48 * 1024;

/// Bytes of changes in one repair message: a quarter of a mebibyte takes a gigabit link 2 ms.
pub const REPAIR_SIZE: usize = 256 * 1024;

/// How long a node that has members places nothing after its start, unless it has compared digests
/// with each of them: what it would start may run elsewhere.
///
/// One that started a moment ago knows no
/// more of a member than one that has heard nothing of it for [`SILENCE_TIMEOUT`].
pub const SETTLE_TIMEOUT: Duration = SILENCE_TIMEOUT;

/// How long it places nothing because a member that it hears has not compared digests with it.
pub const SETTLE_LONGEST: Duration = Duration::from_millis(20_000);

/// How long the last words of a node that said goodbye may be on their way: what it said of its
/// agents is gossip, which may be lost, and the next comparisons with the others bring it.
pub const LAST_WORDS: Duration = Duration::from_millis(5_000);

const _: () = {
    assert!(LAST_WORDS.as_millis() >= 4 * REPAIR_INTERVAL.as_millis());
    assert!(SUSPECT_AFTER.as_millis() >= 3 * HEARTBEAT_INTERVAL.as_millis());
    assert!(SILENCE_TIMEOUT.as_millis() >= 3 * SUSPECT_AFTER.as_millis());
    assert!(SILENCE_UNCONFIRMED.as_millis() > SILENCE_TIMEOUT.as_millis());
    assert!(STALL.as_millis() > DETECT_INTERVAL.as_millis());
    assert!(PUSH_SIZE < 60 * 1024);
};
