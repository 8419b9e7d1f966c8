//! Lobby messages on their streams: bytes until the stream's end, within the limit.

use std::io;

use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use libp2p::{StreamProtocol, request_response};

use crate::net::limits::MAX_LOBBY_MESSAGE;

/// The one protocol of the lobby.
pub(super) const PROTOCOL: StreamProtocol = StreamProtocol::new("/covey/lobby/1");

/// Reads and writes messages as bytes; what they mean is read where a refusal can be answered.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::net) struct Codec;

impl request_response::Codec for Codec {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io).await
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(&bytes).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(&bytes).await
    }
}

async fn read<T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(MAX_LOBBY_MESSAGE).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    io.take(limit + 1).read_to_end(&mut bytes).await?;
    if bytes.len() > MAX_LOBBY_MESSAGE {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a lobby message is too long"));
    }
    Ok(bytes)
}
