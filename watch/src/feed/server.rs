//! Connections of the feed.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::access::Access;
use super::patience::Patient;
use super::routes::{Client, answer};
use super::slots::{Slot, Slots};
use crate::hub::{Hub, count};
use crate::limits::Limits;

/// How long a client may take to say what it wants, and to read what it asked for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to say so in a reserved slot.
const PATIENCE_RESERVED: Duration = Duration::from_secs(2);
/// The longest head of a request.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// Serves the feed until the task is dropped.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    hub: Arc<Hub>,
    access: Access,
    limits: Limits,
) {
    let (slots, access) = (Slots::new(limits), Arc::new(access));
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files, for one: it passes.
                hub.log.line("accept-failed", &[("reason", &error.to_string())]);
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let local = stream.local_addr().map_or(peer.ip(), |address| address.ip());
        let Some(slot) = slots.connect(peer.ip()) else {
            count(&hub.counters.turned_away);
            continue;
        };
        let slot = Arc::new(slot);
        let connection =
            Connection { hub: Arc::clone(&hub), access: Arc::clone(&access), slot: Arc::clone(&slot), local };
        let task = tokio::spawn(connection.run(stream, tls.clone()));
        if let Some(first) = slot.served_by(task.abort_handle()) {
            count(&hub.counters.turned_away);
            first.abort();
        }
    }
}

struct Connection {
    hub: Arc<Hub>,
    access: Arc<Access>,
    slot: Arc<Slot>,
    local: IpAddr,
}

impl Connection {
    async fn run(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else { return self.http(stream).await };
        let patience = self.patience();
        // A client that goes away or talks nonsense is its own affair.
        if let Ok(Ok(stream)) = tokio::time::timeout(patience, tls.accept(stream)).await {
            self.http(stream).await;
        }
    }

    fn patience(&self) -> Duration {
        if self.slot.is_reserved() { PATIENCE_RESERVED } else { PATIENCE }
    }

    async fn http(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let patience = self.patience();
        let connection = Arc::new(self);
        let service = service_fn(move |request| {
            let connection = Arc::clone(&connection);
            async move {
                let client = Client { slot: &connection.slot, local: connection.local, patience: PATIENCE };
                Ok::<_, Infallible>(answer(request, &connection.hub, &connection.access, client).await)
            }
        });
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(HEAD_BYTES_MAX);
        let _ = server.serve_connection(TokioIo::new(Patient::new(stream, patience)), service).await;
    }
}

/// An address in the form of a URL.
#[must_use]
pub fn url(address: SocketAddr, tls: bool) -> String {
    format!("{}://{address}", if tls { "https" } else { "http" })
}
