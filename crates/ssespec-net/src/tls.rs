//! A certificate authority made for one run; its key never leaves the process.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate could not be made.
    #[error("failed to make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// The certificate could not be used.
    #[error("failed to set up TLS")]
    Config(#[from] rustls::Error),
}

/// What is wrong with a certificate on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It comes from a CA that nobody trusts.
    Untrusted,
    /// It is for another host.
    Misnamed,
    /// Its time is over.
    Expired,
}

/// A CA and a certificate for `localhost` and the loopback addresses.
#[derive(Debug)]
pub struct TestCa {
    issuer: Issuer<'static, KeyPair>,
    ca_pem: String,
    ca_der: CertificateDer<'static>,
    leaf: Leaf,
}

/// A server's certificate and its key.
#[derive(Debug)]
struct Leaf {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

/// The names of a certificate that is for this machine.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

impl TestCa {
    /// Makes a CA and a server certificate, both valid for the usual rcgen period.
    ///
    /// # Errors
    /// When the cryptographic provider refuses.
    pub fn generate() -> Result<Self, TlsError> {
        Self::named("ssespec run CA")
    }

    fn named(name: &str) -> Result<Self, TlsError> {
        let ca_key = KeyPair::generate()?;
        let mut ca = CertificateParams::new(Vec::new())?;
        ca.distinguished_name.push(DnType::CommonName, name);
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_certificate = ca.self_signed(&ca_key)?;
        let issuer = Issuer::new(ca, ca_key);
        let leaf = Leaf::issue(&issuer, &OWN_NAMES, None)?;
        Ok(Self {
            issuer,
            ca_pem: ca_certificate.pem(),
            ca_der: ca_certificate.der().clone(),
            leaf,
        })
    }

    /// The CA's certificate, for the subject's trust store.
    pub fn pem(&self) -> &str {
        &self.ca_pem
    }

    /// A server that offers these protocols by ALPN, such as `h2` and `http/1.1`, the best first.
    ///
    /// # Errors
    /// When the cryptographic provider refuses.
    pub fn server_config(&self, protocols: &[&str]) -> Result<Arc<ServerConfig>, TlsError> {
        self.leaf.server_config(protocols)
    }

    /// A server whose certificate no client should accept, over HTTP/1.1.
    ///
    /// # Errors
    /// When the cryptographic provider refuses.
    pub fn flawed_config(&self, flaw: Flaw) -> Result<Arc<ServerConfig>, TlsError> {
        let leaf = match flaw {
            Flaw::Untrusted => {
                Leaf::issue(&Self::named("a stranger's CA")?.issuer, &OWN_NAMES, None)
            }
            Flaw::Misnamed => Leaf::issue(&self.issuer, &["elsewhere.test"], None),
            Flaw::Expired => Leaf::issue(&self.issuer, &OWN_NAMES, Some(2020)),
        };
        leaf?.server_config(&["http/1.1"])
    }

    /// A client that trusts this CA only.
    ///
    /// # Errors
    /// When the cryptographic provider refuses.
    pub fn client_config(&self) -> Result<ClientConfig, TlsError> {
        let mut roots = RootCertStore::empty();
        roots.add(self.ca_der.clone())?;
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

impl Leaf {
    /// A certificate for these names; with a year, for that year alone.
    fn issue(
        issuer: &Issuer<'static, KeyPair>,
        names: &[&str],
        year: Option<i32>,
    ) -> Result<Self, TlsError> {
        let key = KeyPair::generate()?;
        let mut leaf =
            CertificateParams::new(names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())?;
        leaf.distinguished_name.push(DnType::CommonName, "ssespec mock");
        leaf.use_authority_key_identifier_extension = true;
        leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        if let Some(year) = year {
            leaf.not_before = rcgen::date_time_ymd(year, 1, 1);
            leaf.not_after = rcgen::date_time_ymd(year, 12, 31);
        }
        let leaf = leaf.signed_by(&key, issuer)?;
        Ok(Self { certificate: leaf.der().clone(), key: key.serialize_der() })
    }

    fn server_config(&self, protocols: &[&str]) -> Result<Arc<ServerConfig>, TlsError> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key)?;
        config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
        Ok(Arc::new(config))
    }
}

/// The cryptography of all our TLS.
pub(crate) fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
