"""Asks Python's libraries about signatures: one JSON request a line on standard input, one JSON answer a line on standard output."""

import json
import sys
from copy import deepcopy
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from in_toto.models.layout import Layout
from in_toto.models.link import Link
from in_toto.models.metadata import Envelope as InTotoEnvelope
from in_toto.models.metadata import Metablock, Metadata
from in_toto.verifylib import in_toto_verify
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity


def accepts(ask):
    """Everything that a library raises is a refusal: each has its own errors, and some let those of others through."""
    try:
        ask()
        return True
    except Exception as error:  # noqa: BLE001
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return False


def envelope(request):
    """DSSE: does the envelope have a signature of the key?"""
    text = Path(request["envelope"]).read_bytes()
    public = load_pem_public_key(Path(request["key"]).read_bytes())

    def ask(kind, verify):
        def inner():
            key = SSlibKey.from_crypto(public, keyid=request["keyid"], scheme=request["scheme"])
            verify(kind.from_dict(deepcopy(json.loads(text))), key)

        return accepts(inner)

    as_dict = lambda key: {**key.to_dict(), "keyid": key.keyid}  # noqa: E731
    return {
        "securesystemslib": ask(Envelope, lambda envelope, key: envelope.verify([key], 1)),
        "in-toto": ask(InTotoEnvelope, lambda envelope, key: envelope.verify_signature(as_dict(key))),
    }


SIGNERS = {
    "ed25519": CryptoSigner.generate_ed25519,
    "ecdsa-sha2-nistp256": CryptoSigner.generate_ecdsa,
    "rsassa-pss-sha256": CryptoSigner.generate_rsa,
}


def sign(request):
    """A new key and an envelope that it signed."""
    signer = SIGNERS[request["scheme"]]()
    made = Envelope(request["payload"].encode(), request["type"], {})
    made.sign(signer)
    Path(request["envelope"]).write_text(json.dumps(made.to_dict()))
    pem = signer.public_key.keyval["public"]
    if "BEGIN" not in pem:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(pem))
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    Path(request["key"]).write_text(pem)
    return {"keyid": signer.public_key.keyid}


def bundle(request):
    """A Sigstore bundle about a file, offline, under a trusted root."""

    def ask():
        verifier = Verifier(trusted_root=TrustedRoot.from_file(request["root"]))
        policy = Identity(identity=request["identity"], issuer=request["issuer"])
        read = Bundle.from_json(Path(request["bundle"]).read_bytes())
        if request["statement"]:
            verifier.verify_dsse(read, policy)
        else:
            verifier.verify_artifact(Path(request["file"]).read_bytes(), read, policy)

    return {"sigstore": accepts(ask)}


def parse(request):
    """Is it a bundle that the library reads?"""
    try:
        Bundle.from_json(Path(request["bundle"]).read_bytes())
        return {"parses": True, "why": None}
    except Exception as error:  # noqa: BLE001
        return {"parses": False, "why": f"{type(error).__name__}: {error}"}


def in_toto_key(request):
    """A public key in PEM as in-toto's metadata has it, under the id that the request gives."""
    public = load_pem_public_key(Path(request["key"]).read_bytes())
    key = SSlibKey.from_crypto(public, keyid=request["keyid"], scheme=request["scheme"])
    return {**key.to_dict(), "keyid": key.keyid}


def link(request):
    """Is the file a link of the step, signed by the key, in either of in-toto's containers?"""

    def ask():
        metadata = Metadata.load(request["link"])
        metadata.verify_signature(in_toto_key(request))
        read = metadata.get_payload()
        if not isinstance(read, Link) or read.name != request["step"]:
            raise ValueError("not a link of the step")

    return {"in-toto": accepts(ask)}


def make_link(request):
    """A link by a new key: in DSSE, as a metablock, and the canonical bytes that the metablock's signature is over."""
    signer = SIGNERS[request["scheme"]]()
    made = Link(name=request["step"], products=request["products"], command=["make"], byproducts={"return-value": 0})
    dsse = InTotoEnvelope.from_signable(made)
    dsse.create_signature(signer)
    Path(request["dsse"]).write_text(json.dumps(dsse.to_dict()))
    block = Metablock(signed=made)
    block.create_signature(signer)
    Path(request["metablock"]).write_text(json.dumps(block.to_dict()))
    Path(request["canonical"]).write_bytes(made.signable_bytes)
    pem = signer.public_key.keyval["public"]
    if "BEGIN" not in pem:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(pem))
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    Path(request["key"]).write_text(pem)
    return {"keyid": signer.public_key.keyid}


def make_layout(request):
    """A layout of one step by one key, not yet signed."""
    key = in_toto_key(request)
    step = {
        "_type": "step",
        "name": request["step"],
        "expected_materials": [],
        "expected_products": [["REQUIRE", "app"], ["ALLOW", "app"], ["DISALLOW", "*"]],
        "pubkeys": [key["keyid"]],
        "expected_command": [],
        "threshold": 1,
    }
    keys = {key["keyid"]: key}
    made = Layout.read({"expires": "2126-01-01T00:00:00Z", "keys": keys, "steps": [step], "inspect": []})
    Path(request["layout"]).write_bytes(InTotoEnvelope.from_signable(made).payload)
    return {}


def supply_chain(request):
    """The whole of in-toto's verification: a layout by the key, and its links in a folder."""

    def ask():
        key = in_toto_key(request)
        in_toto_verify(Metadata.load(request["layout"]), {key["keyid"]: key}, link_dir_path=request["links"])

    return {"in-toto": accepts(ask)}


def layout(request):
    """The same with several owners and parameters; and does the last step have a product with that digest?"""

    def ask():
        keys = {owner["keyid"]: in_toto_key(owner) for owner in request["owners"]}
        read = Metadata.load(request["layout"])
        more = {"substitution_parameters": request["parameters"]} if request["parameters"] else {}
        summary = in_toto_verify(read, keys, link_dir_path=request["links"], **more)
        products = summary.get_payload().products if hasattr(summary, "get_payload") else summary.products
        if not any(hashes.get("sha256") == request["sha256"] for hashes in products.values()):
            raise ValueError("no such product")

    return {"in-toto": accepts(ask)}


ASKED = {
    "layout": layout,
    "link": link,
    "make link": make_link,
    "make layout": make_layout,
    "supply chain": supply_chain,
    "envelope": envelope,
    "sign": sign,
    "bundle": bundle,
    "parse": parse,
}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(ASKED[asked["ask"]](asked)), flush=True)
