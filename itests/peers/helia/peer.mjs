// Helia's libp2p that is told what to do, one JSON object a line; see ../README.md. Its transports, security protocols
// and muxers are helia's own; of its services those that stay on this machine.
import { createInterface } from 'node:readline'
import { createHeliaLight } from 'helia'
import { withLibp2p } from '@helia/libp2p'
import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'

const helia = await withLibp2p(createHeliaLight(), {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  peerDiscovery: [],
  services: { identify: identify(), identifyPush: identifyPush(), ping: ping(), dht: kadDHT() }
}).start()
const node = helia.libp2p

const verbs = {
  connect: async ({ address }) => (await node.dial(multiaddr(address))).remotePeer.toString(),
  disconnect: async ({ peer }) => { await node.hangUp(peerIdFromString(peer)) },
  ping: async ({ peer }) => await node.services.ping.ping(peerIdFromString(peer)),
  connections: async () => node.getConnections().map(c => ({ peer: c.remotePeer.toString(), security: c.encryption, muxer: c.multiplexer })),
  known: async ({ peer }) => ({ protocols: (await node.peerStore.get(peerIdFromString(peer))).protocols })
}

console.log(JSON.stringify({ peer: node.peerId.toString(), addresses: node.getMultiaddrs().map(a => a.toString()) }))

createInterface({ input: process.stdin }).on('line', async line => {
  const request = JSON.parse(line)
  try {
    console.log(JSON.stringify({ id: request.id, result: (await verbs[request.do](request)) ?? null }))
  } catch (error) {
    console.log(JSON.stringify({ id: request.id, error: `${error.name}: ${error.message}` }))
  }
}).on('close', () => process.exit(0))
