//! What a node weighs, by a heap that counts: alone in its process, for others would be counted too.

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use covey_sim::{Setup, World};
    use peak_alloc::PeakAlloc;

    #[global_allocator]
    static HEAP: PeakAlloc = PeakAlloc;

    /// Restarts after which every bounded memory is full: two thousand events at some four each.
    const FILL: u32 = 600;

    /// K37: nothing stays of a life that is over but its events, and of these the newest.
    #[test]
    fn node_weighs_the_same_after_a_thousand_restarts_of_another() {
        let mut world = World::grown(Setup { measured: true, ..Setup::new(1, 3) });
        world.rest();
        world.boot_all();
        world.run_for(Duration::from_secs(5));
        restart(&mut world, FILL);
        let base = weigh(&mut world);

        restart(&mut world, 1_000);

        let now = weigh(&mut world);
        assert!(now < base + base / 20, "{now} bytes after {base}");
    }

    fn restart(world: &mut World, times: u32) {
        for _ in 0..times {
            world.kill(2);
            world.run_for(Duration::from_millis(400));
            world.boot(2);
            world.run_for(Duration::from_millis(1_600));
        }
    }

    /// The bytes that the end of the process of the first machine frees; it is started again.
    fn weigh(world: &mut World) -> usize {
        let mut weight = 0;
        world.kill_with(0, |process| {
            let before = HEAP.current_usage();
            drop(process);
            weight = before.saturating_sub(HEAP.current_usage());
        });
        world.boot(0);
        world.run_for(Duration::from_secs(5));
        weight
    }
}
