// Asks Sigstore's own library for JavaScript: one JSON request a line on standard input, one JSON answer a line on standard output.
'use strict';
const fs = require('fs');
const readline = require('readline');
const path = require('path');
const { createRequire } = require('module');
// The libraries lie beside the build, not beside this file.
const load = createRequire(path.join(process.argv[2], 'package.json'));
const { bundleFromJSON, bundleToJSON } = load('@sigstore/bundle');
const { TrustedRoot } = load('@sigstore/protobuf-specs');
const { DSSEBundleBuilder, MessageSignatureBundleBuilder } = load('@sigstore/sign');
const { Verifier, toSignedEntity, toTrustMaterial } = load('@sigstore/verify');
const crypto = require('crypto');

// Does the bundle verify under a managed key, with as many timestamps of the authority as are asked for?
function verify(request) {
  const key = fs.readFileSync(request.key, 'utf8');
  const authorities = request.tsa
    ? [
        {
          subject: { organization: 'alp', commonName: 'alp' },
          uri: 'https://tsa.example',
          certChain: { certificates: request.tsa.map((der) => ({ rawBytes: der })) },
          validFor: { start: '2020-01-01T00:00:00Z' },
        },
      ]
    : [];
  const root = TrustedRoot.fromJSON({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: authorities,
  });
  const material = toTrustMaterial(root, () => ({
    publicKey: crypto.createPublicKey(key),
    validFor: () => true,
  }));
  const bundle = bundleFromJSON(JSON.parse(fs.readFileSync(request.bundle, 'utf8')));
  const data = request.file ? fs.readFileSync(request.file) : undefined;
  const verifier = new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: authorities.length });
  verifier.verify(toSignedEntity(bundle, data));
}

// A bundle that the library made with a managed key, witnessed by nobody.
async function sign(request) {
  const key = crypto.createPrivateKey(fs.readFileSync(request.key));
  const publicKey = crypto.createPublicKey(key);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const signer = {
    sign: async (data) => ({
      signature: crypto.sign(request.hash, data, key),
      key: {
        $case: 'publicKey',
        publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
        hint: crypto.createHash('sha256').update(spki).digest('base64'),
      },
    }),
  };
  const data = fs.readFileSync(request.data);
  const builder = request.type
    ? new DSSEBundleBuilder({ signer, witnesses: [] })
    : new MessageSignatureBundleBuilder({ signer, witnesses: [] });
  const made = await builder.create({ data, type: request.type });
  fs.writeFileSync(request.bundle, JSON.stringify(bundleToJSON(made)));
}

async function answer(line) {
  const request = JSON.parse(line);
  try {
    if (request.ask === 'sign') await sign(request);
    else verify(request);
    return { accepts: true };
  } catch (error) {
    return { accepts: false, why: `${error.code || error.name}: ${error.message}` };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(line)));
  }
})();
