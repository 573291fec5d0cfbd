'use strict';
const { createServer } = require('node:http');
const { get, list, tenantOf } = require('./shared');

const PATH = '/api/v1/admin/scim-tokens/';

createServer((request, response) => {
  answer(request).then(
    (body) => {
      const text = JSON.stringify(body);
      response.writeHead(200, {
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': Buffer.byteLength(text),
      });
      response.end(text);
    },
    () => response.writeHead(500).end(),
  );
}).listen(Number(process.env.PORT), '127.0.0.1');

function answer({ url, headers }) {
  const tenant = tenantOf(headers.authorization);
  return url === PATH ? list(tenant) : get(tenant, url.slice(PATH.length));
}
