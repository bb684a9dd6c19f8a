//! TLS as Route 53's checkers do it: any certificate will do (6.2), unless it is asked to be valid.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::words;

/// The settings of all handshakes: with and without the name, of a certificate that must be valid or need not be.
pub(super) struct Tls {
    provider: Arc<CryptoProvider>,
    any: [Arc<ClientConfig>; 2],
    /// Made when first needed: reading a machine's certificates takes longer than all else here.
    valid: OnceLock<Result<[Arc<ClientConfig>; 2], String>>,
    extra: Vec<CertificateDer<'static>>,
}

impl Tls {
    /// `extra` are trusted besides the certificates that the machine trusts.
    pub(super) fn new(extra: Vec<CertificateDer<'static>>) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate))
            .with_no_client_auth();
        Ok(Self { provider, any: with_and_without_name(config), valid: OnceLock::new(), extra })
    }

    /// Shakes hands, or says why not.
    pub(super) async fn connect(
        &self,
        stream: TcpStream,
        host: Option<&str>,
        address: IpAddr,
        sni: bool,
        verify: bool,
    ) -> Result<TlsStream<TcpStream>, String> {
        let configs =
            if verify { self.valid.get_or_init(|| self.load()).as_ref().map_err(Clone::clone)? } else { &self.any };
        let [with_name, without_name] = configs;
        let config = if sni { with_name } else { without_name };
        // An address is never sent, so it stands for "no name" too.
        let name =
            host.and_then(|host| ServerName::try_from(host.to_owned()).ok()).unwrap_or(ServerName::from(address));
        TlsConnector::from(Arc::clone(config)).connect(name, stream).await.map_err(|error| failure(&error))
    }

    fn load(&self) -> Result<[Arc<ClientConfig>; 2], String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(self.extra.iter().cloned());
        if roots.is_empty() {
            return Err("certificate: this machine trusts no authority; install ca-certificates".to_owned());
        }
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| words::tidy(&format!("TLS: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(with_and_without_name(config))
    }
}

fn with_and_without_name(mut config: ClientConfig) -> [Arc<ClientConfig>; 2] {
    // Each try is a whole handshake: what is resumed says nothing of how a new client would fare.
    config.resumption = Resumption::disabled();
    let with = Arc::new(config.clone());
    config.enable_sni = false;
    [with, Arc::new(config)]
}

/// Why a handshake failed, in words.
fn failure(error: &std::io::Error) -> String {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return format!("TLS handshake failed: {}", words::io(error));
    };
    let reason = match tls {
        Error::InvalidCertificate(certificate) => {
            return words::tidy(&format!("certificate: {}", invalid(certificate)));
        }
        Error::InvalidMessage(_) => "what came is not TLS".to_owned(),
        Error::AlertReceived(alert) => format!("the endpoint refused it with {alert:?}"),
        Error::PeerIncompatible(_) => "the endpoint speaks no TLS 1.2 or 1.3 that this machine speaks".to_owned(),
        other => other.to_string(),
    };
    words::tidy(&format!("TLS handshake failed: {reason}"))
}

fn invalid(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "not valid yet".to_owned(),
        CertificateError::Revoked => "revoked".to_owned(),
        CertificateError::UnknownIssuer => "not issued by an authority that this machine trusts".to_owned(),
        CertificateError::NotValidForNameContext { expected, .. } => {
            format!("not for {}", words::quoted(expected.to_str().as_bytes()))
        }
        CertificateError::NotValidForName => "not for this name".to_owned(),
        CertificateError::BadSignature => "its signature is wrong".to_owned(),
        CertificateError::BadEncoding => "cannot be read".to_owned(),
        CertificateError::InvalidPurpose => "not for servers".to_owned(),
        other => other.to_string(),
    }
}

/// Looks at no certificate, and so at no signature by one.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    /// All that a server may want to sign with: nothing is verified, so nothing limits it.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        use SignatureScheme as Scheme;
        vec![
            Scheme::ECDSA_NISTP256_SHA256,
            Scheme::ECDSA_NISTP384_SHA384,
            Scheme::ECDSA_NISTP521_SHA512,
            Scheme::ED25519,
            Scheme::ED448,
            Scheme::RSA_PSS_SHA256,
            Scheme::RSA_PSS_SHA384,
            Scheme::RSA_PSS_SHA512,
            Scheme::RSA_PKCS1_SHA256,
            Scheme::RSA_PKCS1_SHA384,
            Scheme::RSA_PKCS1_SHA512,
            Scheme::ECDSA_SHA1_Legacy,
            Scheme::RSA_PKCS1_SHA1,
        ]
    }
}
