//! TCP with Noise and yamux, in a way that lets the cause of a failed dial be read.

use std::io;

use libp2p::{
    PeerId, Transport as _,
    core::{muxing::StreamMuxerBox, transport::Boxed, upgrade::Version},
    identity::Keypair,
    noise, tcp, yamux,
};

use super::hedged::Hedged;

/// What TCP itself said, one level down.
///
/// The layers above put their errors into `Either`, which gives the source of what it holds and not
/// what it holds, so that a bare `io::Error` in it cannot be found.
#[derive(Debug, thiserror::Error)]
#[error("TCP failed")]
struct TcpError(#[source] io::Error);

/// The transport of both networks beside QUIC.
pub(super) fn tcp(
    key: &Keypair,
    yamux: yamux::Config,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, noise::Error> {
    let noise = noise::Config::new(key)?;
    let tcp = || tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    Ok(Hedged::new(tcp)
        .map_err(TcpError)
        .upgrade(Version::V1Lazy)
        .authenticate(noise)
        .multiplex(yamux)
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)))
        .boxed())
}
