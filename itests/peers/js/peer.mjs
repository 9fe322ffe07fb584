// A js-libp2p peer that is told what to do, one JSON object a line; see ../README.md.
import { createInterface } from 'node:readline'
import { createLibp2p } from 'libp2p'
import { tcp } from '@libp2p/tcp'
import { noise } from '@libp2p/noise'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { identify, identifyPush } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { mdns } from '@libp2p/mdns'
import { gossipsub } from '@libp2p/gossipsub'
import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'

const ECHO = '/echo/1.0.0'
const PERF = '/perf/1.0.0'
const security = process.argv[2] === 'tls' ? tls() : noise()
const onLink = process.argv[3] === 'mdns'

const node = await createLibp2p({
  addresses: { listen: [onLink ? '/ip4/0.0.0.0/tcp/0' : '/ip4/127.0.0.1/tcp/0'] },
  peerDiscovery: onLink ? [mdns({ interval: 1000 })] : [],
  transports: [tcp()],
  connectionEncrypters: [security],
  streamMuxers: [yamux({ maxInboundStreams: 10000, maxOutboundStreams: 10000 })],
  connectionManager: { maxConnections: 10000, inboundConnectionThreshold: 100000, maxIncomingPendingConnections: 1000 },
  connectionMonitor: { enabled: false },
  services: {
    identify: identify(),
    identifyPush: identifyPush(),
    ping: ping(),
    pubsub: gossipsub({
      allowPublishToZeroTopicPeers: true,
      emitSelf: false,
      doPX: true,
      scoreParams: { IPColocationFactorWeight: 0 },
      scoreThresholds: { acceptPXThreshold: 0 }
    })
  }
})

const inbox = new Map()
const discovered = new Set()
node.addEventListener('peer:discovery', event => discovered.add(event.detail.id.toString()))

async function write (stream, data) {
  if (!stream.send(data)) await stream.onDrain()
}

// Iterating a stream misses its end when that came together with the first bytes, so events are used.
function read (stream, take) {
  return new Promise(resolve => {
    stream.addEventListener('message', event => take(event.data))
    stream.addEventListener('end', resolve)
    stream.addEventListener('close', resolve)
    if (stream.readableEnded || stream.status !== 'open') resolve()
  })
}

async function echo (stream) {
  await read(stream, data => stream.send(data))
  await stream.close()
}

const options = { maxInboundStreams: 10000, maxOutboundStreams: 10000 }
await node.handle(ECHO, echo, options)

await node.handle(PERF, async stream => {
  let head = Buffer.alloc(0)
  await read(stream, data => { if (head.length < 8) head = Buffer.concat([head, data.subarray()]) })
  await send(stream, Number(head.readBigUInt64BE(0)))
}, options)

const chunk = new Uint8Array(64 * 1024)
async function send (stream, count) {
  for (let left = count; left > 0;) {
    const n = Math.min(left, chunk.length)
    await write(stream, n === chunk.length ? chunk : chunk.subarray(0, n))
    left -= n
  }
  await stream.close()
}

const open = (peer, protocol) => node.dialProtocol(peerIdFromString(peer), protocol, options)

async function exchange (stream, bytes, close) {
  const parts = []
  let length = 0
  const done = new Promise((resolve, reject) => {
    stream.addEventListener('message', event => {
      parts.push(event.data.subarray())
      length += event.data.byteLength
      if (length >= bytes.length) resolve()
    })
    stream.addEventListener('close', event => event.error ? reject(event.error) : resolve())
  })
  await write(stream, bytes)
  await done
  if (close) await stream.close()
  return Buffer.concat(parts)
}

const verbs = {
  connect: async ({ address }) => (await node.dial(multiaddr(address))).remotePeer.toString(),
  disconnect: async ({ peer }) => { await node.hangUp(peerIdFromString(peer)) },
  ping: async ({ peer }) => await node.services.ping.ping(peerIdFromString(peer)),
  connections: async () => node.getConnections().map(c => ({ peer: c.remotePeer.toString(), security: c.encryption, muxer: c.multiplexer })),
  discovered: async () => [...discovered],
  known: async ({ peer }) => {
    const known = await node.peerStore.get(peerIdFromString(peer))
    return {
      protocols: known.protocols,
      addresses: known.addresses.map(a => ({ address: a.multiaddr.toString(), certified: a.isCertified })),
      record: known.peerRecordEnvelope != null,
      agent: known.metadata.get('AgentVersion') == null ? '' : new TextDecoder().decode(known.metadata.get('AgentVersion'))
    }
  },
  handle: async ({ protocol }) => node.handle(protocol, echo, options),
  unhandle: async ({ protocol }) => node.unhandle(protocol),
  echo: async ({ peer, text, protocol }) => (await exchange(await open(peer, protocol ?? ECHO), Buffer.from(text), true)).toString(),
  perf: async ({ peer, up, down }) => {
    const stream = await open(peer, PERF)
    const head = Buffer.alloc(8)
    head.writeBigUInt64BE(BigInt(down))
    const start = performance.now()
    let came = 0
    const reading = read(stream, data => { came += data.byteLength })
    await write(stream, head)
    await send(stream, up)
    await reading
    return { seconds: (performance.now() - start) / 1000, came }
  },
  // Opens a stream, sends one byte, and never reads what comes.
  stall: async ({ peer, protocol }) => {
    const stream = await open(peer, protocol)
    stream.pause()
    await write(stream, Buffer.from([1]))
  },
  reset: async ({ peer, protocol }) => {
    const stream = await open(peer, protocol)
    await write(stream, Buffer.from([1]))
    stream.abort(new Error('reset by test'))
  },
  roundtrips: async ({ peer, count, size }) => {
    const stream = await open(peer, ECHO)
    const bytes = new Uint8Array(size)
    let got = 0
    let wake = null
    stream.addEventListener('message', event => { got += event.data.byteLength; if (got >= size) wake() })
    const start = performance.now()
    for (let i = 0; i < count; i++) {
      got = 0
      const answer = new Promise(resolve => { wake = resolve })
      stream.send(bytes)
      await answer
    }
    const seconds = (performance.now() - start) / 1000
    await stream.close()
    return { seconds }
  },
  streams: async ({ peer, count, size }) => {
    const bytes = new Uint8Array(size)
    const start = performance.now()
    for (let i = 0; i < count; i++) await exchange(await open(peer, ECHO), bytes, true)
    return { seconds: (performance.now() - start) / 1000 }
  },
  many: async ({ peer, count, text }) => {
    const streams = await Promise.all(Array.from({ length: count }, () => open(peer, ECHO)))
    const answers = await Promise.all(streams.map((s, i) => exchange(s, Buffer.from(text + i), true)))
    return answers.every((a, i) => a.toString() === text + i)
  },
  connects: async ({ address, count }) => {
    const start = performance.now()
    for (let i = 0; i < count; i++) await (await node.dial(multiaddr(address))).close()
    return { seconds: (performance.now() - start) / 1000 }
  },
  subscribe: async ({ topic }) => {
    inbox.set(topic, [])
    node.services.pubsub.subscribe(topic)
  },
  publish: async ({ topic, data }) => (await node.services.pubsub.publish(topic, Buffer.from(data, 'base64'))).recipients.length,
  messages: async ({ topic }) => inbox.get(topic),
  subscribers: async ({ topic }) => node.services.pubsub.getSubscribers(topic).map(p => p.toString()),
  mesh: async ({ topic }) => node.services.pubsub.getMeshPeers(topic),
  echoTopic: async ({ from, to }) => {
    // Answers each message on one topic with the same on another.
    node.services.pubsub.subscribe(from)
    node.services.pubsub.addEventListener('message', event => {
      if (event.detail.topic === from) node.services.pubsub.publish(to, event.detail.data)
    })
  },
  gossip: async ({ from, to, count, size, window }) => {
    // Publishes on one topic and counts the echoes on the other, with so many on their way at most.
    const begins = []
    const millis = []
    let flying = 0
    let wake = null
    const onEcho = event => {
      if (event.detail.topic !== to) return
      const i = Buffer.from(event.detail.data).readInt32BE(0)
      millis.push(performance.now() - begins[i])
      flying--
      wake?.()
    }
    node.services.pubsub.subscribe(to)
    node.services.pubsub.addEventListener('message', onEcho)
    const until = async limit => { while (flying > limit) await new Promise(resolve => { wake = resolve }) }
    const start = performance.now()
    for (let i = 0; i < count; i++) {
      await until(window - 1)
      const bytes = Buffer.alloc(size)
      bytes.writeInt32BE(i)
      begins[i] = performance.now()
      flying++
      await node.services.pubsub.publish(from, bytes)
    }
    await until(0)
    node.services.pubsub.removeEventListener('message', onEcho)
    return { seconds: (performance.now() - start) / 1000, millis }
  },
  usage: async () => {
    const cpu = process.cpuUsage()
    return { cpu: (cpu.user + cpu.system) / 1e6, rss: process.memoryUsage().rss }
  }
}

node.services.pubsub.addEventListener('message', event => {
  const { topic, data } = event.detail
  inbox.get(topic)?.push(Buffer.from(data).toString('base64'))
})

console.log(JSON.stringify({ peer: node.peerId.toString(), addresses: node.getMultiaddrs().map(a => a.toString()) }))

createInterface({ input: process.stdin }).on('line', async line => {
  const request = JSON.parse(line)
  try {
    const result = await verbs[request.do](request)
    console.log(JSON.stringify({ id: request.id, result: result ?? null }))
  } catch (error) {
    console.log(JSON.stringify({ id: request.id, error: `${error.name}: ${error.message}` }))
  }
}).on('close', () => process.exit(0))
