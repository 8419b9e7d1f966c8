//! What passes through the cards of a host.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SocketType, eth, recv, socket,
        sockopt::{Timeout, set_socket_recv_buffer_size, set_socket_timeout},
    },
};

use crate::Lan;

/// How soon a tap notices that it is no longer wanted.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// Frames that may wait while the tap is not scheduled.
const BUFFER: usize = 4 << 20;
/// The longest frame: loopback puts 64 KiB into one.
const FRAME: usize = 128 << 10;

/// Takes down every frame that a host sends and receives, those to itself as well.
#[derive(Debug)]
pub struct Tap {
    wanted: Arc<AtomicBool>,
    thread: JoinHandle<Vec<u8>>,
}

impl Tap {
    /// Begins at once.
    ///
    /// # Panics
    ///
    /// If the host gives no socket that sees all.
    #[must_use]
    pub fn on(lan: &Lan, host: u8) -> Self {
        let socket = lan.inside(host, || {
            let socket = socket(AddressFamily::PACKET, SocketType::RAW, Some(eth::ALL))?;
            set_socket_recv_buffer_size(&socket, BUFFER)?;
            set_socket_timeout(&socket, Timeout::Recv, Some(LOOK_INTERVAL))?;
            Ok::<_, Errno>(socket)
        });
        let socket = socket.unwrap_or_else(|error| panic!("host {host} has no tap: {error}"));
        let wanted = Arc::new(AtomicBool::new(true));
        let goes_on = Arc::clone(&wanted);
        let thread = thread::spawn(move || {
            let (mut heard, mut frame) = (Vec::new(), vec![0_u8; FRAME]);
            loop {
                match recv(&socket, &mut frame[..], RecvFlags::empty()) {
                    Ok((length, _)) => heard.extend(frame.iter().take(length)),
                    Err(Errno::AGAIN | Errno::INTR) if goes_on.load(Ordering::Relaxed) => {}
                    Err(Errno::AGAIN | Errno::INTR) => return heard,
                    Err(error) => panic!("a tap is deaf: {error}"),
                }
            }
        });
        Self { wanted, thread }
    }

    /// All frames, one after another; those that wait are taken down first.
    ///
    /// # Panics
    ///
    /// If the tap could not listen.
    #[must_use]
    pub fn heard(self) -> Vec<u8> {
        self.wanted.store(false, Ordering::Relaxed);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}
