"""JUnit by its schema, and verification summaries by SLSA's rules for consumers: one JSON request a line on standard input, one JSON
answer a line on standard output. Nothing here knows how the summaries were made."""

import json
import re
import sys
from datetime import datetime
from pathlib import Path

import xmlschema
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1 import statement_pb2
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

JUNIT = xmlschema.XMLSchema(str(Path(sys.argv[1]) / "junit-10.xsd"))
TYPES = ("https://slsa.dev/verification_summary/v1",)
TRACK = re.compile(r"SLSA_([A-Z]+)_LEVEL_([0-9]+)")


def junit(request):
    errors = [error.reason for error in JUNIT.iter_errors(request["file"])]
    return {"good": not errors, "why": errors[:3]}


def refuse(condition, why):
    if condition:
        raise ValueError(why)


def is_uri(text):
    return isinstance(text, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+", text) is not None


def verified(request):
    """The six steps of "How to verify" (SLSA, Verification Summary Attestation), and what its schema says of each field."""
    public = load_pem_public_key(Path(request["key"]).read_bytes())
    key = SSlibKey.from_crypto(public, scheme="ecdsa-sha2-nistp256")
    raw = json.loads(Path(request["envelope"]).read_bytes())
    if "dsseEnvelope" in raw:
        raw = raw["dsseEnvelope"]
    # Step 1: the signature, by the key of that verifier. Key ids are hints.
    for signature in raw["signatures"]:
        signature["keyid"] = key.keyid
    envelope = Envelope.from_dict(raw)
    envelope.verify([key], 1)
    refuse(envelope.payload_type != "application/vnd.in-toto+json", "payload type")
    body = json.loads(envelope.payload)
    refuse(body["_type"] != "https://in-toto.io/Statement/v1", "statement type")
    # The attestation project's own library has its say on the statement and on the predicate's shape.
    statement = ParseDict(body, statement_pb2.Statement(), ignore_unknown_fields=False)
    Statement.copy_from_pb(statement).validate()
    known = {name.json_name for name in vsa_pb2.VerificationSummary.DESCRIPTOR.fields}
    predicate = body["predicate"]
    # The library's message has one string where SLSA's specification has an array of them; below that is checked by the specification.
    shaped = {name: value for name, value in predicate.items() if name in known - {"verifiedLevels"}}
    ParseDict(shaped, vsa_pb2.VerificationSummary(), ignore_unknown_fields=True)
    refuse(any(not is_uri(name) for name in predicate if name not in known), "an extension without a URI for a name")
    # Step 2: one of the subjects is the artifact.
    refuse(not any(subject["digest"].get("sha256") == request["artifact"] for subject in body["subject"]), "subject")
    # Step 3: the predicate type.
    refuse(body["predicateType"] not in TYPES, "predicate type")
    # Step 4: the verifier is the one that the key is for.
    refuse(predicate["verifier"]["id"] != request["verifier"] or not is_uri(predicate["verifier"]["id"]), "verifier")
    # Step 5: the resource.
    refuse(predicate["resourceUri"] != request["resource"] or not is_uri(predicate["resourceUri"]), "resource")
    # Step 6: the result, and the levels.
    refuse(predicate["verificationResult"] not in ("PASSED", "FAILED"), "result")
    levels = predicate["verifiedLevels"]
    refuse(not isinstance(levels, list) or any(not isinstance(level, str) for level in levels), "levels")
    tracks = [match[1] for level in levels if (match := TRACK.fullmatch(level))]
    refuse(len(tracks) != len(set(tracks)), "two levels of one track")
    refuse((predicate["verificationResult"] == "FAILED") != (levels == ["FAILED"]), "FAILED is a level of what failed, alone")
    refuse(predicate["verificationResult"] != "PASSED", "it FAILED")
    refuse(not set(request["levels"]) <= set(levels), "levels that are required")
    # What the fields are.
    moment = datetime.strptime(predicate["timeVerified"], "%Y-%m-%dT%H:%M:%SZ")
    refuse(moment.isoformat() + "Z" != predicate["timeVerified"], "time")
    refuse(not re.fullmatch(r"[0-9a-f]{64}", predicate["policy"]["digest"]["sha256"]), "policy")
    refuse(predicate["policy"]["digest"]["sha256"] != request["policy"], "another policy")
    for item in predicate.get("inputAttestations", []):
        refuse(not item.get("digest") or not is_uri(item.get("uri", "")), "input")
    if "dependencyLevels" in predicate:
        refuse(any(not isinstance(count, int) or count < 0 for count in predicate["dependencyLevels"].values()), "dependencies")
    return sorted(item["digest"]["sha256"] for item in predicate.get("inputAttestations", []))


def vsa(request):
    try:
        return {"good": True, "inputs": verified(request), "why": None}
    except Exception as error:  # noqa: BLE001: every library has errors of its own, and each is a refusal
        return {"good": False, "inputs": [], "why": f"{type(error).__name__}: {error}"}


ASKED = {"junit": junit, "vsa": vsa}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(ASKED[asked["ask"]](asked)), flush=True)
