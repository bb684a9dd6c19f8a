//! Small HTTP requests of our own: to a running watch, and to those who subscribed to changes.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// An answer is not read past this.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Sends one request and reads the answer.
///
/// # Errors
/// Why there is no answer, in words.
pub async fn request(
    method: &str,
    url: &str,
    token: Option<&str>,
    body: String,
    patience: Duration,
) -> Result<(StatusCode, String), String> {
    let work = exchange(method, url, token, body);
    match tokio::time::timeout(patience, work).await {
        Ok(result) => result,
        Err(_) => Err(format!("no answer from {url} within {} s", patience.as_secs())),
    }
}

async fn exchange(method: &str, url: &str, token: Option<&str>, body: String) -> Result<(StatusCode, String), String> {
    let uri: Uri = url.parse().map_err(|_| format!("`{url}` is not a URL"))?;
    let secure = match uri.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => return Err(format!("`{url}` is not a URL with http or https")),
    };
    let host = uri.host().ok_or_else(|| format!("`{url}` names no host"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream =
        TcpStream::connect((host, port)).await.map_err(|error| format!("cannot connect to {host}:{port}: {error}"))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder().method(method).uri(path).header(HOST, format!("{host}:{port}"));
    request = request.header(CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())?;
    if secure {
        let name =
            ServerName::try_from(host.to_owned()).map_err(|_| format!("`{host}` is no name for a certificate"))?;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(settings()?));
        let stream = connector.connect(name, stream).await.map_err(|error| format!("TLS with {host}: {error}"))?;
        send(stream, request).await
    } else {
        send(stream, request).await
    }
}

async fn send<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(StatusCode, String), String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let fault = |error: &dyn std::fmt::Display| format!("the request failed: {error}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| fault(&error))?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|error| fault(&error))?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| fault(&error))?;
    connection.abort();
    Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
}

/// TLS as a client that believes the system's certificates.
fn settings() -> Result<rustls::ClientConfig, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// The same for a program that does nothing else meanwhile.
///
/// # Errors
/// Why there is no answer, in words.
pub fn request_and_wait(
    method: &str,
    url: &str,
    token: Option<&str>,
    body: String,
    patience: Duration,
) -> Result<(StatusCode, String), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(request(method, url, token, body, patience))
}
