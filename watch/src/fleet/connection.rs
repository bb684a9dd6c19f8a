//! Requests to the members of an etcd: JSON over HTTP, one member at a time, the next when it fails.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use super::engine::EngineError;

/// An answer is not read past this.
const ANSWER_BYTES_MAX: usize = 256 << 20;
/// How long a member may take to answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// Who a watch is to etcd.
#[derive(Clone)]
pub struct EtcdUser {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for EtcdUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EtcdUser").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Files with the certificates of a connection to etcd, in PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EtcdTls {
    /// Authorities to believe; the system's without them.
    pub authorities: Option<PathBuf>,
    /// This watch's own certificate, and its private key.
    pub own: Option<(PathBuf, PathBuf)>,
}

impl EtcdTls {
    fn config(&self) -> Result<rustls::ClientConfig, String> {
        let fault = |path: &PathBuf, why: &dyn std::fmt::Display| format!("`{}`: {why}", path.display());
        let mut roots = rustls::RootCertStore::empty();
        match &self.authorities {
            Some(path) => {
                let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(path)
                    .and_then(Iterator::collect)
                    .map_err(|error| fault(path, &error))?;
                if roots.add_parsable_certificates(certificates).0 == 0 {
                    return Err(fault(path, &"it holds no certificate in PEM"));
                }
            }
            None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots);
        let Some((certificate, key)) = &self.own else { return Ok(builder.with_no_client_auth()) };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect)
            .map_err(|error| fault(certificate, &error))?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| fault(key, &error))?;
        builder.with_client_auth_cert(chain, private).map_err(|error| fault(key, &error))
    }
}

/// A member of an etcd.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    secure: bool,
    host: String,
    port: u16,
}

impl Member {
    fn parse(url: &str) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|_| format!("`{url}` is not a URL"))?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(format!("`{url}` is not a URL with http or https")),
        };
        let host = uri.host().ok_or_else(|| format!("`{url}` names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { secure, host, port: uri.port_u16().unwrap_or(2379) })
    }
}

/// A way to the members of an etcd.
pub(super) struct Connection {
    members: Vec<Member>,
    /// The member that answered last.
    at: AtomicUsize,
    tls: Option<Arc<rustls::ClientConfig>>,
    user: Option<EtcdUser>,
    token: Mutex<Option<String>>,
}

impl Connection {
    pub(super) fn new(endpoints: &[String], tls: &EtcdTls, user: Option<EtcdUser>) -> Result<Self, String> {
        let members: Vec<Member> = endpoints.iter().map(|url| Member::parse(url)).collect::<Result<_, _>>()?;
        if members.is_empty() {
            return Err("no address of etcd is given".into());
        }
        let secure = members.iter().any(|member| member.secure);
        let tls = if secure { Some(Arc::new(tls.config()?)) } else { None };
        Ok(Self { members, at: AtomicUsize::new(0), tls, user, token: Mutex::default() })
    }

    /// Asks one member after the other until one answers, each at most once.
    pub(super) async fn ask(&self, path: &str, body: &Value) -> Result<Value, EngineError> {
        let mut last = EngineError::Unavailable(String::new());
        for _ in &self.members {
            let asked = tokio::time::timeout(PATIENCE, self.ask_member(path, body)).await;
            match asked.unwrap_or_else(|_| Err(EngineError::Unavailable(self.silent()))) {
                Err(error @ EngineError::Unavailable(_)) => last = error,
                other => return other,
            }
            self.next();
        }
        Err(last)
    }

    fn silent(&self) -> String {
        format!("{} does not answer within {} s", self.name(), PATIENCE.as_secs())
    }

    /// The next member is asked from now on.
    pub(super) fn next(&self) {
        let next = self.at.load(Ordering::Relaxed).wrapping_add(1) % self.members.len().max(1);
        self.at.store(next, Ordering::Relaxed);
    }

    fn name(&self) -> String {
        self.member().map_or_else(String::new, |member| format!("etcd at {}:{}", member.host, member.port))
    }

    fn member(&self) -> Option<&Member> {
        self.members.get(self.at.load(Ordering::Relaxed) % self.members.len().max(1))
    }

    async fn ask_member(&self, path: &str, body: &Value) -> Result<Value, EngineError> {
        let (response, _connection) = self.open(path, body).await?;
        let fault = |error: &dyn std::fmt::Display| EngineError::Unavailable(format!("{}: {error}", self.name()));
        let body =
            Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| fault(&error))?;
        let mut values =
            serde_json::Deserializer::from_slice(&body.to_bytes()).into_iter::<Value>().flatten().collect::<Vec<_>>();
        let value = if values.is_empty() { Value::Null } else { values.swap_remove(0) };
        match value.get("error") {
            Some(error) => Err(error_of(error)),
            None => Ok(value),
        }
    }

    /// Sends a request to the member that answered last; the answer's body is still to be read.
    pub(super) async fn open(&self, path: &str, body: &Value) -> Result<(Response<Incoming>, Open), EngineError> {
        let known = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let token = match (&self.user, known) {
            (Some(user), None) => Some(self.authenticate(user).await?),
            (_, known) => known,
        };
        let (response, connection) = self.send(path, body, token.as_deref()).await?;
        if response.status() == StatusCode::OK {
            return Ok((response, connection));
        }
        let status = response.status();
        let text =
            Limited::new(response.into_body(), 1 << 16).collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let said: Option<Value> = serde_json::Deserializer::from_slice(&text).into_iter().flatten().next();
        if status == StatusCode::UNAUTHORIZED {
            // The token's time may be over: the next request brings a new one.
            *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        match said.as_ref().and_then(|said| said.get("error")) {
            Some(error) => Err(error_of(error)),
            None => Err(EngineError::Unavailable(format!("{} answers {status}", self.name()))),
        }
    }

    async fn authenticate(&self, user: &EtcdUser) -> Result<String, EngineError> {
        let body = json!({"name": user.name, "password": user.password});
        let (response, _connection) = self.send("/v3/auth/authenticate", &body, None).await?;
        let text =
            Limited::new(response.into_body(), 1 << 16).collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let said: Value = serde_json::Deserializer::from_slice(&text).into_iter().flatten().next().unwrap_or_default();
        if let Some(error) = said.get("error") {
            return Err(error_of(error));
        }
        let token = said.get("token").and_then(Value::as_str).unwrap_or_default().to_owned();
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(token)
    }

    async fn send(
        &self,
        path: &str,
        body: &Value,
        token: Option<&str>,
    ) -> Result<(Response<Incoming>, Open), EngineError> {
        let fault = |error: &dyn std::fmt::Display| EngineError::Unavailable(format!("{}: {error}", self.name()));
        let member = self.member().ok_or_else(|| EngineError::Unavailable("there is no member".into()))?;
        let stream = TcpStream::connect((member.host.as_str(), member.port)).await.map_err(|error| fault(&error))?;
        let _ = stream.set_nodelay(true);
        let mut request = Request::builder().method("POST").uri(path);
        request =
            request.header(HOST, format!("{}:{}", member.host, member.port)).header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token);
        }
        let request = request.body(Full::new(Bytes::from(body.to_string()))).map_err(|error| fault(&error))?;
        match (&self.tls, member.secure) {
            (Some(tls), true) => {
                let name = ServerName::try_from(member.host.clone()).map_err(|error| fault(&error))?;
                let stream = tokio_rustls::TlsConnector::from(Arc::clone(tls)).connect(name, stream);
                exchange(stream.await.map_err(|error| fault(&error))?, request).await.map_err(|error| fault(&error))
            }
            _ => exchange(stream, request).await.map_err(|error| fault(&error)),
        }
    }
}

/// A connection, which ends with this.
pub(super) struct Open(AbortHandle);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(Response<Incoming>, Open), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let open = Open(tokio::spawn(connection).abort_handle());
    Ok((sender.send_request(request).await?, open))
}

/// What etcd means by its error: a text, or an object with one.
pub(super) fn error_of(error: &Value) -> EngineError {
    let text = error.as_str().or_else(|| error.get("message")?.as_str()).unwrap_or("an error without words").to_owned();
    let has = |part: &str| text.contains(part);
    if has("lease not found") {
        EngineError::LeaseGone
    } else if has("has been compacted") {
        EngineError::Compacted
    } else if has("permission denied")
        || has("authentication failed")
        || has("user name")
        || has("too many operations")
        || has("request is too large")
        || has("exceeds maximum")
    {
        EngineError::Refused(text)
    } else {
        EngineError::Unavailable(text)
    }
}
