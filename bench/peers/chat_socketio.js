// Socket.IO 4 with the Redis adapter, as its documentation sets it up. Stores nothing.
// argv: port, address of Redis. WebSocket only, no compression, NODE_ENV=production.
const { createServer } = require("node:http");
const { Server } = require("socket.io");
const { createAdapter } = require("@socket.io/redis-adapter");
const { createClient } = require("redis");

async function main([port, url]) {
  const pub = createClient({ url });
  const sub = pub.duplicate();
  await Promise.all([pub.connect(), sub.connect()]);
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, adapter: createAdapter(pub, sub) });
  io.on("connection", (socket) => {
    socket.on("join", async (room, done) => {
      await socket.join(room);
      done();
    });
    socket.on("chat:message", (message) => io.to(message.room).emit("chat:message", message));
  });
  // As many waiting connections as the others take.
  http.listen({ port: Number(port), host: "127.0.0.1", backlog: 2048 }, () => console.log("up"));
}

main(process.argv.slice(2));
