//! experiment
use covey_sim::{Setup, World};
use peak_alloc::PeakAlloc;
use std::time::{Duration, Instant};
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;
fn main() {
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut setup = Setup::new(1, n);
    setup.measured = true;
    setup.discovers = false;
    let t = Instant::now();
    let mut world = World::grown(setup);
    world.rest();
    println!("grown {:?} {} MiB", t.elapsed(), HEAP.current_usage() >> 20);
    world.boot_all();
    println!("boot {:?} {} MiB", t.elapsed(), HEAP.current_usage() >> 20);
    for s in 1..=12 {
        let before = world.tallies();
        world.run_for(Duration::from_secs(1));
        let fp: std::collections::BTreeSet<u64> =
            world.live().map(|(_, p)| p.node.fingerprint()).collect();
        let present = world.live().map(|(_, p)| p.node.present()).min();
        println!(
            "{s} {:?} {} MiB fingerprints {} present {:?} {:?}",
            t.elapsed(),
            HEAP.current_usage() >> 20,
            fp.len(),
            present,
            world.tallies() - before
        );
    }
}
