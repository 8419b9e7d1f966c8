//! Dials that knock again and again, so that a path that opens is noticed at once.
//!
//! TCP sends the first segment of a connection again after a second and no sooner. A dial here
//! attempts another connection beside the first every [`KNOCK_INTERVAL`] and gives up the one
//! before it; whichever stands first is the connection (a hedged request: Dean and Barroso, *The
//! Tail at Scale*, 2013). The first attempt is kept, for paths whose round trip is longer than that.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use libp2p::{
    Multiaddr, Transport,
    core::transport::{DialOpts, ListenerId, PortUse, TransportError, TransportEvent},
};

/// How often a dial knocks: a cable that is back for a moment between two cuts is noticed within it.
const KNOCK_INTERVAL: Duration = Duration::from_millis(200);

/// A transport whose dials are hedged.
#[derive(Debug)]
pub(super) struct Hedged<T> {
    inner: T,
    /// Another one of the kind, for the later attempts: a dial borrows the transport it is made of.
    make: fn() -> T,
}

impl<T> Hedged<T> {
    /// Dials by what `make` makes.
    pub(super) fn new(make: fn() -> T) -> Self {
        Self { inner: make(), make }
    }
}

impl<T> Transport for Hedged<T>
where
    T: Transport + Send + Unpin + 'static,
    T::Output: Send,
    T::Error: Send + Sync,
    T::Dial: Send + 'static,
{
    type Dial = BoxFuture<'static, Result<T::Output, T::Error>>;
    type Error = T::Error;
    type ListenerUpgrade = T::ListenerUpgrade;
    type Output = T::Output;

    fn listen_on(
        &mut self,
        id: ListenerId,
        address: Multiaddr,
    ) -> Result<(), TransportError<T::Error>> {
        self.inner.listen_on(id, address)
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.inner.remove_listener(id)
    }

    fn dial(
        &mut self,
        address: Multiaddr,
        opts: DialOpts,
    ) -> Result<Self::Dial, TransportError<T::Error>> {
        let mut first = self.inner.dial(address.clone(), opts)?.boxed().fuse();
        let make = self.make;
        let opts = DialOpts { port_use: PortUse::New, ..opts };
        Ok(async move {
            let mut knock = Box::pin(futures::future::pending().boxed().fuse());
            loop {
                futures::select_biased! {
                    result = first => return result,
                    result = knock => return result,
                    () = tokio::time::sleep(KNOCK_INTERVAL).fuse() => {
                        // What could be dialled once can be dialled again; if not, the first goes on.
                        if let Ok(dial) = make().dial(address.clone(), opts) {
                            knock.set(dial.boxed().fuse());
                        }
                    }
                }
            }
        }
        .boxed())
    }

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<TransportEvent<T::ListenerUpgrade, T::Error>> {
        Pin::new(&mut self.inner).poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{Pending, pending},
        io,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use libp2p::core::Endpoint;

    use super::*;

    /// Attempts that were made.
    static ATTEMPTS: AtomicUsize = AtomicUsize::new(0);

    /// A path on which the fourth attempt is the first to be answered.
    struct Path;

    impl Transport for Path {
        type Dial = BoxFuture<'static, io::Result<usize>>;
        type Error = io::Error;
        type ListenerUpgrade = Pending<io::Result<usize>>;
        type Output = usize;

        fn listen_on(
            &mut self,
            _: ListenerId,
            address: Multiaddr,
        ) -> Result<(), TransportError<io::Error>> {
            Err(TransportError::MultiaddrNotSupported(address))
        }

        fn remove_listener(&mut self, _: ListenerId) -> bool {
            false
        }

        fn dial(
            &mut self,
            _: Multiaddr,
            _: DialOpts,
        ) -> Result<Self::Dial, TransportError<io::Error>> {
            let attempt = ATTEMPTS.fetch_add(1, Ordering::SeqCst) + 1;
            if attempt < 4 { Ok(pending().boxed()) } else { Ok(async move { Ok(attempt) }.boxed()) }
        }

        fn poll(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
            Poll::Pending
        }
    }

    #[tokio::test(start_paused = true)]
    async fn path_that_opens_is_noticed_at_the_next_knock() {
        let begun = tokio::time::Instant::now();
        let opts = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };

        let dial = Hedged::new(|| Path).dial(Multiaddr::empty(), opts);

        let answered = dial.unwrap_or_else(|error| panic!("{error}")).await.unwrap();
        assert_eq!((answered, begun.elapsed()), (4, 3 * KNOCK_INTERVAL));
    }
}
