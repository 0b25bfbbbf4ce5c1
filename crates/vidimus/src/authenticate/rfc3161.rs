//! Timestamp tokens (RFC 3161, RFC 5816) of time-stamping authorities that the policy names.
//!
//! A token proves that the bytes it is over existed at its time, as far as its authority is believed. Tokens of authorities in a
//! trusted root are the Sigstore library's matter; these are verified here, with the certificate path to the policy's anchor.

use std::time::Duration;

use cms::content_info::ContentInfo;
use der::asn1::{BitString, Int, ObjectIdentifier, OctetString};
use der::{Any, Decode as _, Encode as _};
use spki::AlgorithmIdentifierOwned;

use super::cms::Cms;
use super::crl::{self, Crl};
use super::x509::{self, Path, Wanted};
use crate::digest::{Algorithm, Digest};
use crate::policy::TimeAuthority;
use crate::reason::Reason;
use crate::signature::cms::SIGNED_DATA;
use crate::time::Time;

const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// What a token proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The bytes existed at this instant: the token's time and its accuracy, rounded up to a second.
    pub not_later_than: Time,
    /// How far the authority's clock may be off, rounded up to a second.
    pub accuracy_seconds: u64,
    /// Is everything in the token signed, so that nobody can have put anything else into it?
    pub is_all_signed: bool,
}

/// Why a token proves nothing under one authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// Not a token.
    Malformed,
    /// Another authority's.
    Foreign,
    /// Over other bytes.
    Imprint,
    /// The authority's, and not valid: signature, certificate, attributes or time.
    Invalid,
    /// Under another policy than the one that is asked for.
    Policy,
}

/// Verifies a token, or a response that holds one, over `signed` under one authority.
///
/// # Errors
/// See [`TokenError`].
pub fn verify(token: &[u8], signed: &[u8], authority: &TimeAuthority) -> Result<Stamp, TokenError> {
    verified(token, signed, authority).map(|(stamp, ..)| stamp)
}

/// The same for a verdict at `at`, with `lists` besides those of the policy: a stamp, or why the certificates of its authority take it
/// away, where the policy asks that.
///
/// # Errors
/// See [`TokenError`].
pub(super) fn in_force(
    token: &[u8],
    signed: &[u8],
    authority: &TimeAuthority,
    lists: &[&Crl],
    at: Time,
) -> Result<Result<Stamp, Reason>, TokenError> {
    let (stamp, path, stated) = verified(token, signed, authority)?;
    if !authority.revocation {
        return Ok(Ok(stamp));
    }
    let lists: Vec<&Crl> = authority.lists.iter().chain(lists.iter().copied()).collect();
    Ok(crl::check_authority(&path, &lists, &authority.party, at, stated).map(|()| stamp))
}

fn verified(token: &[u8], signed: &[u8], authority: &TimeAuthority) -> Result<(Stamp, Path, Time), TokenError> {
    let cms = token_of(token).and_then(|token| Cms::read(&token)).ok_or(TokenError::Malformed)?;
    // A token may leave its certificate out; then the policy has it among the anchors (RFC 3161 section 2.4.1, certReq).
    let cms = cms.with(&authority.anchors);
    let content = cms.content().filter(|_| cms.content_type() == TST_INFO).ok_or(TokenError::Malformed)?;
    // RFC 3161 section 2.4.2: one signer.
    if cms.signers() != 1 {
        return Err(TokenError::Malformed);
    }
    let info = TstInfo::from_der(&content).map_err(|_| TokenError::Malformed)?;
    let mut stamp = info.stamp().ok_or(TokenError::Malformed)?;
    let digest = |algorithm: Algorithm| Some(algorithm.digest(&content));
    // Whose it is comes first: of a stranger's token nothing else matters.
    let named = cms.certificate_of(0).cloned();
    let wanted = Wanted { at: info.time().ok_or(TokenError::Malformed)?, usage: &TIME_STAMPING, usage_alone: true };
    let (leaf, others) = match &named {
        Some(leaf) => (leaf, cms.certificates()),
        None => return Err(TokenError::Foreign),
    };
    let path = match x509::path(leaf, others, &authority.anchors, wanted) {
        Ok(path) => path,
        Err(x509::PathError::Untrusted | x509::PathError::Malformed) => return Err(TokenError::Foreign),
        Err(_) => return Err(TokenError::Invalid),
    };
    let checked = cms.check(0, TST_INFO, &digest).map_err(|_| TokenError::Invalid)?;
    if !checked.names_certificate {
        return Err(TokenError::Invalid);
    }
    if !info.imprint.is_of(signed) {
        return Err(TokenError::Imprint);
    }
    if authority.policy_oid.as_ref().is_some_and(|wanted| info.policy.to_string() != *wanted) {
        return Err(TokenError::Policy);
    }
    stamp.is_all_signed =
        cms.is_all_signed(&path.certificates, &authority.anchors) && is_plain(token) && info.is_of_the_authority();
    Ok((stamp, path, wanted.at))
}

/// The time that a token states and the bound that follows from it, verified or not: for tokens that somebody else verified.
#[must_use]
pub fn stated(token: &[u8]) -> Option<(jiff::Timestamp, Time)> {
    let cms = Cms::read(&token_of(token)?)?;
    let info = TstInfo::from_der(&cms.content().filter(|_| cms.content_type() == TST_INFO)?).ok()?;
    let (second, fraction) = info.instant()?;
    let time = jiff::Timestamp::new(second, i32::try_from(fraction.subsec_nanos()).ok()?).ok()?;
    Some((time, info.stamp()?.not_later_than))
}

/// A token in a file of its own has at most so many bytes. Real ones with a path of RSA certificates have some ten thousand.
const MAX_BYTES: usize = 64 * 1024;

/// Can a file that starts so be a token, or a response that holds one?
#[must_use]
pub(crate) fn has_mark(prefix: &[u8]) -> bool {
    prefix.first() == Some(&0x30) && prefix.windows(SIGNED_DATA.len()).take(64).any(|window| window == SIGNED_DATA)
}

/// The digest that a token says it is over, verified or not; `None` for what is no token, or over a digest that is not supported.
#[must_use]
pub fn imprint(token: &[u8]) -> Option<Digest> {
    (token.len() <= MAX_BYTES && has_mark(token)).then_some(())?;
    let cms = Cms::read(&token_of(token)?)?;
    let info = TstInfo::from_der(&cms.content().filter(|_| cms.content_type() == TST_INFO)?).ok()?;
    let algorithm = super::cms::hash(&info.imprint.algorithm)?;
    Digest::parse(algorithm, &hex::encode(info.imprint.digest.as_bytes()))
}

/// RFC 3161 section 2.4.2. The status is signed by nobody.
#[derive(der::Sequence)]
struct Response {
    status: Status,
    token: ContentInfo,
}

#[derive(der::Sequence)]
struct Status {
    status: u8,
    #[asn1(optional = "true")]
    text: Option<Vec<String>>,
    #[asn1(optional = "true")]
    failure: Option<BitString>,
}

/// A token without a response, or with one that adds no words.
fn is_plain(bytes: &[u8]) -> bool {
    Response::from_der(bytes)
        .map_or(true, |response| response.status.text.is_none() && response.status.failure.is_none())
}

/// The token of a TimeStampResp that grants one, or the token itself.
fn token_of(bytes: &[u8]) -> Option<Vec<u8>> {
    match Response::from_der(bytes) {
        // Granted, or granted with modifications.
        Ok(response) if response.status.status <= 1 => response.token.to_der().ok(),
        Ok(_) => None,
        Err(_) => Some(bytes.to_vec()),
    }
}

/// RFC 3161 section 2.4.2. The time is read by us: the crates know no fractions of a second, and authorities use them.
#[derive(der::Sequence)]
struct TstInfo {
    version: u8,
    policy: ObjectIdentifier,
    imprint: Imprint,
    serial: Int,
    time: Any,
    #[asn1(optional = "true")]
    accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    ordering: bool,
    #[asn1(optional = "true")]
    nonce: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    tsa: Option<Any>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    extensions: Option<x509_cert::ext::Extensions>,
}

#[derive(der::Sequence)]
struct Imprint {
    algorithm: AlgorithmIdentifierOwned,
    digest: OctetString,
}

#[derive(Clone, Copy, der::Sequence)]
struct Accuracy {
    #[asn1(optional = "true")]
    seconds: Option<u32>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    millis: Option<u16>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    micros: Option<u16>,
}

impl Imprint {
    fn is_of(&self, bytes: &[u8]) -> bool {
        super::cms::hash(&self.algorithm)
            .is_some_and(|algorithm: Algorithm| algorithm.digest(bytes).bytes() == self.digest.as_bytes())
    }
}

impl TstInfo {
    /// `None` for a version, a critical extension or numbers that RFC 3161 does not have.
    fn stamp(&self) -> Option<Stamp> {
        let critical = self.extensions.iter().flatten().any(|extension| extension.critical);
        if self.version != 1 || critical {
            return None;
        }
        let (second, fraction) = self.instant()?;
        let accuracy = match self.accuracy {
            None => Duration::ZERO,
            Some(Accuracy { seconds, millis, micros }) => {
                let part = |part: Option<u16>| part.map_or(Some(0), |n| (1..=999).contains(&n).then_some(u64::from(n)));
                Duration::from_secs(seconds.unwrap_or(0).into())
                    + Duration::from_millis(part(millis)?)
                    + Duration::from_micros(part(micros)?)
            }
        };
        let up = |duration: Duration| duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
        let bound = second.checked_add(i64::try_from(up(fraction + accuracy)).ok()?)?;
        let not_later_than = Time::from_second(bound)?;
        Some(Stamp { not_later_than, accuracy_seconds: up(accuracy), is_all_signed: false })
    }

    /// Has whoever asked for the token no room in it for text of their own? The authority signs the nonce of a request, whatever its
    /// length, and may sign extensions that the request has (RFC 3161 section 2.4.1).
    fn is_of_the_authority(&self) -> bool {
        let fits = |number: &Int, most: usize| number.as_bytes().len() <= most;
        self.extensions.is_none() && fits(&self.serial, 21) && self.nonce.as_ref().is_none_or(|nonce| fits(nonce, 33))
    }

    /// The second in which the token was made, for the validity of certificates.
    fn time(&self) -> Option<Time> {
        Time::from_second(self.instant()?.0)
    }

    /// Whole seconds and the rest of genTime: `YYYYMMDDhhmmss[.f…]Z`, without trailing zeros (RFC 3161 section 2.4.2).
    fn instant(&self) -> Option<(i64, Duration)> {
        use der::Tagged as _;
        let text = std::str::from_utf8(self.time.value()).ok()?;
        (self.time.tag() == der::Tag::GeneralizedTime).then_some(())?;
        let (whole, fraction) = match text.strip_suffix('Z')?.split_once('.') {
            None => (text.strip_suffix('Z')?, ""),
            Some((whole, fraction)) => (whole, Some(fraction).filter(|f| !f.is_empty() && !f.ends_with('0'))?),
        };
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.len() != 14 || !digits(whole) || !digits(fraction) || fraction.len() > 9 {
            return None;
        }
        let part = |from: usize, to: usize| whole.get(from..to);
        let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
        let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
        let time: Time = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()?;
        let nanos = format!("{fraction:0<9}").parse().ok()?;
        Some((time.second(), Duration::from_nanos(nanos)))
    }
}
