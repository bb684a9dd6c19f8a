//! Real servers on loopback that can be killed and come back on their port.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a server does with a connection.
type Serve = Arc<dyn Fn(TcpStream) + Send + Sync>;

/// A server that runs, or was killed.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    serve: Serve,
    thread: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Server {
    pub(crate) fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = Self { address, serve: Arc::new(serve), thread: None };
        server.listen(listener);
        server
    }

    fn listen(&mut self, listener: TcpListener) {
        listener.set_nonblocking(true).unwrap();
        let (stop, serve) = (Arc::new(AtomicBool::new(false)), Arc::clone(&self.serve));
        let flag = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !flag.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((stream, _)) => {
                        let serve = Arc::clone(&serve);
                        stream.set_nonblocking(false).unwrap();
                        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                        std::thread::spawn(move || serve(stream));
                    }
                    Err(_) => std::thread::sleep(Duration::from_millis(2)),
                }
            }
        });
        self.thread = Some((stop, thread));
    }

    /// From now on connections are refused.
    pub(crate) fn kill(&mut self) {
        if let Some((stop, thread)) = self.thread.take() {
            stop.store(true, Ordering::Relaxed);
            thread.join().unwrap();
        }
    }

    pub(crate) fn revive(&mut self) {
        self.listen(TcpListener::bind(self.address).unwrap());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

const HEALTHY: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 57\r\nConnection: close\r\n\r\n\
{\"status\":\"ok\",\"checks\":{\"database\":\"ok\",\"queue\":\"slow\"}}";

fn read_head(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

pub(crate) fn http() -> Server {
    Server::start(|mut stream| {
        if read_head(&mut stream).is_some() {
            let _ = stream.write_all(HEALTHY);
        }
    })
}

pub(crate) fn tcp() -> Server {
    Server::start(drop)
}

/// HTTPS with a certificate that nobody vouches for.
pub(crate) fn https() -> Server {
    let key = rcgen::generate_simple_self_signed(["origin.example.com".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let private = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let settings = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    let settings = Arc::new(settings);
    Server::start(move |stream| {
        let Ok(session) = rustls::ServerConnection::new(Arc::clone(&settings)) else { return };
        let mut stream = rustls::StreamOwned::new(session, stream);
        if read_head(&mut stream).is_some() {
            let _ = stream.write_all(HEALTHY);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    })
}

/// A server that remembers the bodies of what is posted to it.
pub(crate) fn webhook() -> (Server, Arc<Mutex<Vec<String>>>) {
    let received = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&received);
    let server = Server::start(move |mut stream| {
        let Some(head) = read_head(&mut stream) else { return };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        if stream.read_exact(&mut body).is_ok() {
            list.lock().unwrap().push(String::from_utf8(body).unwrap());
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        }
    });
    (server, received)
}
