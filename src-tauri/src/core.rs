//! The node, in a thread of its own: no window, page or bus can stop it.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

use covey_node::{
    NodeHandle, Options,
    control::{Control, Local, Token, endpoint::Posted, http::Door},
    driver::{self, StopCause},
    entropy,
};
use tokio::runtime::{Builder, Handle};

use crate::failure::StartFailure;

/// A running node and the doors to it.
#[derive(Debug)]
pub(crate) struct Core {
    title: String,
    doors: Doors,
    runtime: Handle,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How a node ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Somebody asked it to stop.
    Asked,
    /// A fault in Covey, or an end that nobody asked for; what is known of it.
    Fault(String),
}

/// The ways to a running node.
#[derive(Clone, Debug)]
struct Doors {
    node: NodeHandle,
    local: Local,
    panel: String,
}

/// What a running node holds open besides itself.
struct Open {
    control: Control,
    door: Door,
    posted: Posted,
}

impl Core {
    /// Starts the node of a profile and waits until it runs; calls `ended` when it has stopped.
    ///
    /// # Errors
    ///
    /// See [`StartFailure`].
    pub(crate) fn start(
        profile: &str,
        ended: impl FnOnce(End) + Send + 'static,
    ) -> Result<Self, StartFailure> {
        let options = Options::for_profile(profile)?;
        let runtime = Builder::new_multi_thread()
            .thread_name("covey")
            .enable_all()
            .build()
            .map_err(StartFailure::Thread)?;
        let handle = runtime.handle().clone();
        let (ready, is_ready) = mpsc::sync_channel(1);
        let run = move || {
            let end = runtime.block_on(async {
                let (doors, open) = match open(options).await {
                    Ok(opened) => opened,
                    Err(failure) => {
                        // The caller waits for exactly this.
                        drop(ready.send(Err(failure)));
                        return None;
                    }
                };
                let node = doors.node.clone();
                drop(ready.send(Ok(doors)));
                Some(serve(node, open).await)
            });
            if let Some(end) = end {
                ended(end);
            }
        };
        let thread = thread::Builder::new()
            .name("covey-core".to_owned())
            .spawn(run)
            .map_err(StartFailure::Thread)?;
        let gone = |_: mpsc::RecvError| {
            StartFailure::Thread(std::io::Error::other("the thread ended before the node started"))
        };
        let doors = is_ready.recv().map_err(gone)??;
        let title = match profile {
            Options::DEFAULT_PROFILE => "Covey".to_owned(),
            other => format!("Covey: {other}"),
        };
        Ok(Self { title, doors, runtime: handle, thread: Mutex::new(Some(thread)) })
    }

    /// The control interface.
    pub(crate) fn local(&self) -> &Local {
        &self.doors.local
    }

    /// The address of the panel for a browser of this machine, with its token.
    pub(crate) fn panel(&self) -> &str {
        &self.doors.panel
    }

    /// What the window is called.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// Lets the node say goodbye and stop its agents, and waits until all is closed. Not to be
    /// called on the node's own runtime; a second call waits for the first.
    pub(crate) fn stop(&self) {
        self.runtime.block_on(self.doors.node.stop("the app was quit"));
        self.wait();
    }

    /// Waits until the node has stopped and all is closed.
    pub(crate) fn wait(&self) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take()
            && thread.join().is_err()
        {
            tracing::error!("thread of the node panicked");
        }
    }
}

/// Starts the node and opens its doors: this process's own, and the one on loopback by which the
/// command line and a browser find it.
async fn open(options: Options) -> Result<(Doors, Open), StartFailure> {
    let folder = options.data_dir.clone();
    let address = options.control;
    let token = Token::new(entropy::bytes()?);
    let node = driver::start(options).await?;
    let control = Control::new(Arc::new(node.clone()));
    let (door, posted) = match open_door(&control, (address, token), &folder).await {
        Ok(opened) => opened,
        Err(failure) => {
            node.stop("its control interface did not start").await;
            return Err(failure);
        }
    };
    let local = Local::new(control.clone(), Handle::current());
    let panel = posted.endpoint().panel();
    Ok((Doors { node, local, panel }, Open { control, door, posted }))
}

async fn open_door(
    control: &Control,
    (address, token): (SocketAddr, Token),
    folder: &Path,
) -> Result<(Door, Posted), StartFailure> {
    let door = Door::open(control.clone(), address, token).await?;
    let posted = door.endpoint().post(folder).map_err(StartFailure::Post)?;
    Ok((door, posted))
}

/// Waits for the node's end, and closes what is left.
async fn serve(node: NodeHandle, open: Open) -> End {
    let cause = tokio::select! {
        cause = node.stopped() => cause,
        () = open.control.stop_asked() => node.stop("a person asked it to stop").await,
        () = told_by_the_system() => node.stop("the system asked it to stop").await,
    };
    open.door.close().await;
    drop(open.posted);
    match &*cause {
        StopCause::Asked { .. } => End::Asked,
        StopCause::Twin { .. }
        | StopCause::Killed
        | StopCause::Disk
        | StopCause::Ended { .. }
        | StopCause::Broken { .. } => End::Fault(cause.to_string()),
    }
}

/// Waits until the session ends or a person presses Ctrl-C.
async fn told_by_the_system() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let mut waits = Vec::new();
        for kind in signals {
            match signal(kind) {
                Ok(signal) => waits.push(signal),
                Err(error) => {
                    tracing::warn!(%error, "a signal will end the node without a goodbye");
                }
            }
        }
        std::future::poll_fn(|context| {
            let told = waits.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if told { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
    #[cfg(not(unix))]
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C will end the node without a goodbye");
        std::future::pending::<()>().await;
    }
}
