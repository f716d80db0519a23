import Foundation
import KerasBackendTestSupport
import KerasGraph
import Testing

@testable import KerasXLABackend

/// Groups of nodes as people name them.
struct NodeGroupTests {
  static let secret = try? NodeSecret("0123456789abcdef")

  @Test(
    arguments: [
      ("gpu1:4000", "gpu1", 4000), ("10.0.0.2", "10.0.0.2", nil), ("[fd00::1]:80", "fd00::1", 80),
      ("fd00::1", "fd00::1", nil), ("[::1]", "::1", nil), ("a-b.c_d:65535", "a-b.c_d", 65535),
    ] as [(String, String, UInt16?)])
  func addresses(text: String, host: String, port: UInt16?) throws {
    let address = try NodeAddress(text)
    #expect(address.host == host)
    #expect(address.port == port)
  }

  @Test(arguments: [
    "", ":4000", "gpu1:", "gpu1:0", "gpu1:65536", "gpu1:x", "gpu 1", "gpu1/x", "[::1", "[::1]x", "a\u{0}b",
  ])
  func noAddresses(text: String) {
    let error = thrown { _ = try NodeAddress(text) }
    #expect(
      error?.description == """
        `\(text)` is no address of a node.
          try: name a host, and of the first node its port too, as gpu1:4000,gpu2.
        """)
  }

  @Test(arguments: [
    (["a:1", "b"], 2, "There is no node 2: 2 are named, with numbers from 0."),
    (["a:1", "b"], -1, "There is no node -1: 2 are named, with numbers from 0."),
    (["a:1"], 0, "Between 2 and 1024 nodes compute together, found 1."),
    (["a", "b:1"], 0, "The first node, a, has no port.\n  try: add one that is free there, as a:4000."),
  ])
  func noGroups(addresses: [String], number: Int, message: String) throws {
    let secret = try #require(Self.secret)
    #expect(thrown { _ = try NodeGroup(addresses, number: number, secret: secret) }?.description == message)
  }

  @Test func environment() throws {
    let settings = ["KERAS_NODES": "a:1,b", "KERAS_NODE_ID": "1", "KERAS_NODES_SECRET": "0123456789abcdef"]
    let group = try NodeGroup.configured { settings[$0] }
    #expect(group?.number == 1)
    #expect(group?.addresses.map(\.description) == ["a:1", "b"])
    let none = try NodeGroup.configured { _ in nil }
    #expect(none == nil)
    let error = thrown { _ = try NodeGroup.configured { $0 == "KERAS_NODES" ? "a:1,b" : nil } }
    #expect(
      error?.description == """
        KERAS_NODES names nodes, and KERAS_NODE_ID does not say which this is.
          try: set it to a number, from 0.
        """)
  }

  @Test func secretsOfFiles() throws {
    let folder = try TestFolder()
    let file = try folder.write(" 0123456789abcdef\n", to: "secret")
    chmod(file, 0o600)
    func found(_ file: String) throws -> NodeSecret {
      try NodeSecret.found { $0 == "KERAS_NODES_SECRET_FILE" ? file : nil }
    }
    #expect(try found(file).bytes == Array("0123456789abcdef".utf8))
    chmod(file, 0o640)
    #expect(
      thrown { _ = try found(file) }?.description == """
        Others than its owner may use the secret of the nodes.
          in: \(file)
          try: chmod 600 \(file)
        """)
    let short = try folder.write("short", to: "short")
    chmod(short, 0o600)
    #expect(
      thrown { _ = try found(short) }?.description == """
        The secret of the nodes has 5 bytes; at least 16 are wanted.
          in: \(short)
          try: make one as by `openssl rand -hex 32`, the same on every node.
        """)
    let missing = folder.path + "/missing"
    #expect(
      thrown { _ = try found(missing) }?.what
        == "The nodes have no secret in common: there is no KERAS_NODES_SECRET, and no file.")
  }

  /// RFC 4231, test case 2.
  @Test func codesAreThoseOfTheStandard() {
    let code = authenticationCode(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
    #expect(
      code.map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }
}

/// Processes on this machine that meet, and those that cannot.
@Suite struct NodeMeetingTests {
  /// Beside the test bundle, where SwiftPM puts every product.
  static let probe = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "KerasNodeProbe").path

  final class Node {
    let process = Process()
    private let output = Pipe()
    let input = Pipe()

    init(
      _ nodes: String, _ number: Int, _ work: String, patience: Double = 20,
      secret: String = "a secret of these tests"
    ) throws {
      process.executableURL = URL(filePath: NodeMeetingTests.probe)
      process.arguments = [nodes, "\(number)", "\(patience)"] + work.split(separator: " ").map(String.init)
      process.environment = ["KERAS_NODES_SECRET": secret]
      process.standardOutput = output
      process.standardInput = input
      try process.run()
    }

    deinit { if process.isRunning { process.terminate() } }

    func firstLine() -> String {
      var line = Data()
      while let byte = try? output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data([10])
      { line += byte }
      return String(decoding: line, as: UTF8.self)
    }

    /// What it said.
    func end() -> String {
      let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
      process.waitUntilExit()
      return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
  }

  /// A port that was free a moment ago.
  static func freePort() throws -> Int {
    let secret = try NodeSecret("0123456789abcdef")
    return Int(
      try NodeKeeper(NodeGroup(["127.0.0.1:1", "127.0.0.1"], number: 0, secret: secret), port: 0).port)
  }

  private func nodes(_ count: Int) throws -> String {
    (["127.0.0.1:\(try Self.freePort())"] + [String](repeating: "127.0.0.1", count: count - 1)).joined(
      separator: ",")
  }

  @Test(.timeLimit(.minutes(2)), arguments: [2, 5]) func exchangeBytes(count: Int) throws {
    let list = try nodes(count)
    // The first begins last.
    let processes = try (0..<count).reversed().map { try Node(list, $0, "exchange") }
    for node in processes { #expect(node.end() == "exchanged \(count * (1001 + 3 << 20)) bytes") }
  }

  @Test(.timeLimit(.minutes(2))) func agreeing() throws {
    let list = try nodes(2)
    let (one, other) = (try Node(list, 0, "agree this"), try Node(list, 1, "agree that"))
    #expect(
      one.end() == """
        Node 1 has other words than this node, 0.
          try: run the same program on every node, with the same seeds and the same files.
        """)
    let said = other.end()
    // Whoever leaves first takes the store along.
    #expect(
      said.hasPrefix("Node 0 has other words than this node, 1.") || said.hasPrefix("Node 0 at 127.0.0.1:"))
  }

  @Test(.timeLimit(.minutes(2))) func anotherSecret() throws {
    let list = try nodes(2)
    let keeper = try Node(list, 0, "meet", patience: 8)
    let stranger = try Node(list, 1, "meet", secret: "a secret of someone else")
    #expect(
      stranger.end() == """
        Node 0 at \(list.split(separator: ",")[0]) has another secret.
          try: give all nodes the same KERAS_NODES_SECRET, or the same file.
        """)
    #expect(
      keeper.end() == """
        Node 1 (127.0.0.1) did not come within 8 s.
          try: start every node, with the same list and its own number.
        """)
  }

  @Test(.timeLimit(.minutes(2))) func nobodyThere() throws {
    let list = try nodes(2)
    let alone = try Node(list, 1, "meet", patience: 1)
    #expect(
      alone.end() == """
        Node 0 could not be reached at \(list.split(separator: ",")[0]) within 1 s: Connection refused.
          try: start it, and check that the address is right, that no firewall stands between, and that this machine is \
        among those that it was told of.
        """)
  }

  @Test(.timeLimit(.minutes(2))) func addressInUse() throws {
    let list = try nodes(2)
    let first = try Node(list, 0, "stay")
    let second = try Node(list, 1, "stay")
    #expect(first.firstLine() == "here")
    #expect(
      try Node(list, 0, "meet").end() == """
        The address \(list.split(separator: ",")[0]) of the first node is in use.
          try: choose another port, the same on every node, or end the program that uses this one.
        """)
    for node in [first, second] { try node.input.fileHandleForWriting.close() }
    #expect(first.end() == "left")
    #expect(second.end() == "here\nleft")
  }

  @Test func addressOfAnotherMachine() throws {
    // Of a network for examples (RFC 5737).
    #expect(
      try Node("192.0.2.1:4000,127.0.0.1", 0, "meet").end() == """
        The address 192.0.2.1:4000 of the first node is none of this machine's.
          try: run node 0 there, or name this machine first.
        """)
  }
}

/// The keeper of the store in the hands of strangers.
struct NodeKeeperTests {
  let secret: NodeSecret
  let keeper: NodeKeeper
  let place: SocketAddress

  init() throws {
    secret = try NodeSecret("0123456789abcdef")
    keeper = try NodeKeeper(NodeGroup(["127.0.0.1:1", "127.0.0.1"], number: 0, secret: secret), port: 0)
    place = try NodeAddress("127.0.0.1:\(keeper.port)").resolved()[0]
  }

  private var soon: ContinuousClock.Instant { .now + .seconds(30) }

  /// Bytes that are no claim, in several portions; whoever sends them is sent away, and the store goes on.
  @Test(arguments: [0, 1, 115, 116, 5000]) func noise(count: Int) throws {
    let socket = try NodeSocket.connected(to: place, by: soon)
    #expect(try socket.receive(Greeting.helloCount, by: soon).starts(with: Greeting.magic))
    try socket.send([UInt8](repeating: 7, count: count), by: soon)
    if count >= Greeting.claimCount {
      #expect(try socket.receive(1, by: soon) == [Greeting.Answer.wrongSecret.rawValue])
    }
    try otherwiseFine()
  }

  /// A node that lets the greeting of another be repeated is told apart by the number in it.
  @Test func claimsAreGoodOnce() throws {
    let first = try NodeSocket.connected(to: place, by: soon)
    let hello = try first.receive(Greeting.helloCount, by: soon)
    let claim = try NodeClaim(keeperGroup(1), incarnation: Greeting.nonce(16)).sealed(secret, hello: hello)
    try first.send(claim, by: soon)
    #expect(try first.receive(1, by: soon) == [Greeting.Answer.welcome.rawValue])
    let second = try NodeSocket.connected(to: place, by: soon)
    _ = try second.receive(Greeting.helloCount, by: soon)
    try second.send(claim, by: soon)
    #expect(try second.receive(1, by: soon) == [Greeting.Answer.wrongSecret.rawValue])
  }

  /// After the greeting: a length beyond all bounds, a body that is none, a code of another key, a frame said twice.
  @Test(arguments: ["length", "body", "code", "twice"]) func foreignFrames(kind: String) throws {
    let socket = try NodeSocket.connected(to: place, by: soon)
    let hello = try socket.receive(Greeting.helloCount, by: soon)
    let claim = try NodeClaim(keeperGroup(1), incarnation: Greeting.nonce(16))
    try socket.send(claim.sealed(secret, hello: hello), by: soon)
    _ = try socket.receive(Greeting.answerCount, by: soon)
    var seal = FrameSeal(key: claim.key(secret, hello: hello), .toKeeper)
    switch kind {
    case "length": try socket.send([255, 255, 255, 255], by: soon)
    case "body": try socket.send(seal.sealed([9, 9, 9]), by: soon)
    case "code":
      var other = FrameSeal(key: [1, 2, 3], .toKeeper)
      try socket.send(other.sealed(StoreRequest(.tryGet, [1]).body), by: soon)
    default:
      let frame = seal.sealed(StoreRequest(.tryGet, [1]).body)
      try socket.send(frame, by: soon)
      #expect(try socket.receive(4 + 1 + 32, by: soon)[4] == StoreAnswer.notFound.rawValue)
      try socket.send(frame, by: soon)
    }
    #expect(throws: NodeFault.closed) { try socket.receive(1, by: soon) }
    try otherwiseFine()
  }

  /// Of this machine, and yet from an address that nobody named.
  @Test func addressThatWasNotNamed() throws {
    let descriptor = try NodeSocket.made(AF_INET)
    let own = try NodeAddress("127.0.0.2").resolved()[0]
    #expect(own.with { bind(descriptor, $0, $1) } == 0)
    let socket = NodeSocket(descriptor)
    _ = place.with { connect(descriptor, $0, $1) }
    #expect(throws: NodeFault.closed) { try socket.receive(1, by: soon) }
    try otherwiseFine()
  }

  @Test func keysAndValuesHaveBounds() throws {
    let store = try NodeStore(keeperGroup(1), at: place)
    #expect(throws: StoreFault.full) { try store.put([], [1]) }
    #expect(throws: StoreFault.full) { try store.put([UInt8](repeating: 1, count: 4097), []) }
    #expect(throws: StoreFault.full) { try store.put([1], [UInt8](repeating: 1, count: 8 << 20 + 1)) }
    #expect(throws: StoreFault.notFound) { try store.tryGet([1]) }
    #expect(throws: StoreFault.late) { try store.get([1], within: .milliseconds(50)) }
    // Together they may take 256 MiB.
    let large = [UInt8](repeating: 1, count: 8 << 20)
    for number in 0..<31 { try store.put([UInt8(number)], large) }
    #expect(throws: StoreFault.full) { try store.put([31], large) }
    try store.put([0], [5])
    try store.put([31], large)
    #expect(try store.tryGet([0]) == [5])
  }

  @Test func aTakenNumber() throws {
    try NodeStore(keeperGroup(1), at: place).put([1], [])
    #expect(
      thrown { try NodeStore(keeperGroup(1), at: place).meet() }?.description == """
        Another process is node 1 already.
          try: give every process its own number; after one has ended, start all again.
        """)
  }

  @Test func anotherList() throws {
    let others = try NodeGroup(
      ["127.0.0.1:1", "127.0.0.1", "127.0.0.1"], number: 1, secret: secret, patience: 5)
    #expect(
      thrown { try NodeStore(others, at: place).meet() }?.description == """
        Node 0 at 127.0.0.1:1 was told of other nodes.
          try: give all nodes the same list, spelled alike.
        """)
  }

  /// What one thread waits for another says.
  @Test func waitingDoesNotKeepOthersFromSpeaking() async throws {
    let store = try NodeStore(keeperGroup(1), at: place)
    async let found = Task.detached { try store.get([1], within: .seconds(20)) }.value
    try await Task.sleep(for: .milliseconds(100))
    try store.put([1], [2, 3])
    #expect(try await found == [2, 3])
  }

  /// The group as the keeper knows it, whose port was chosen later.
  private func keeperGroup(_ number: Int) throws -> NodeGroup {
    try NodeGroup(["127.0.0.1:1", "127.0.0.1"], number: number, secret: secret, patience: 5)
  }

  private func otherwiseFine() throws {
    let store = try NodeStore(keeperGroup(0), at: place)
    try store.put([42], [1])
    #expect(try store.tryGet([42]) == [1])
  }
}

/// What a plugin is told of the other nodes: one in C that asks the store as XLA's do, by the same functions.
struct NodeCallbacksTests {
  /// Puts what it is called, waits for the other, looks for what nobody says, and fails with all that it heard.
  private static let plugin = """
    #include <stddef.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <string.h>
    typedef struct { size_t size; void *e; const char *name; size_t name_count; int type; int64_t integer; size_t count; } option;
    typedef void *(*failing)(int code, const char *message, size_t count);
    typedef struct { size_t size; void *e; const char *key; size_t key_count; int milliseconds; failing *fail; void *user;
      char *value; size_t count; void (*release)(char *); } get;
    typedef struct { size_t size; void *e; const char *key; size_t key_count; failing *fail; void *user;
      char *value; size_t count; void (*release)(char *); } try_get;
    typedef struct { size_t size; void *e; const char *key; size_t key_count; const char *value; size_t count;
      failing *fail; void *user; } put;
    typedef struct { size_t size; void *e; const option *options; size_t count; void *(*get)(get *); void *get_user;
      void *(*put)(put *); void *put_user; void *client; void *(*try_get)(try_get *); void *try_user; } creation;
    typedef struct { size_t size; void *e; const void *error; const char *text; size_t count; } message;
    typedef struct { size_t size; void *e; const void *error; int code; } number;
    static __thread char said[400];
    static int failed;
    static void *destroy(void *a) { return NULL; }
    static void *say(void *a) { message *m = a; m->text = said; m->count = strlen(said); return NULL; }
    static void *tell(void *a) { ((number *)a)->code = 13; return NULL; }
    static void *fine(void *a) { return NULL; }
    static void *fail(int code, const char *text, size_t count) {
      snprintf(said + strlen(said), sizeof said - strlen(said), "%d %.*s; ", code, (int)count, text);
      return &failed;
    }
    static void *create(void *a) {
      creation *c = a;
      failing failing = fail;
      int node = -1, nodes = -1;
      said[0] = 0;
      for (size_t i = 0; i < c->count; i++) {
        if (!strncmp(c->options[i].name, "node_id", c->options[i].name_count)) node = c->options[i].integer;
        if (!strncmp(c->options[i].name, "num_nodes", c->options[i].name_count)) nodes = c->options[i].integer;
      }
      char key[20], value[20];
      snprintf(key, sizeof key, "node %d", node);
      snprintf(value, sizeof value, "I am %d of %d", node, nodes);
      put p = {sizeof p, NULL, key, strlen(key), value, strlen(value), &failing, c->put_user};
      if (c->put(&p)) return &failed;
      snprintf(key, sizeof key, "node %d", 1 - node);
      get g = {sizeof g, NULL, key, strlen(key), 20000, &failing, c->get_user};
      if (c->get(&g)) return &failed;
      snprintf(said, sizeof said, "%.*s; ", (int)g.count, g.value);
      g.release(g.value);
      try_get t = {sizeof t, NULL, key, strlen(key), &failing, c->try_user};
      if (!c->try_get(&t)) { snprintf(said + strlen(said), 30, "%zu bytes; ", t.count); t.release(t.value); }
      t.key = "nothing";
      t.key_count = 7;
      c->try_get(&t);
      g.key = "nothing";
      g.key_count = 7;
      g.milliseconds = 50;
      c->get(&g);
      return &failed;
    }
    static struct { size_t size; void *e; struct { size_t size; void *e; int major, minor; } v; void *f[12]; } api =
        {sizeof api, NULL, {sizeof api.v, NULL, 0, 1},
         {destroy, say, tell, fine, fine, fine, fine, fine, fine, fine, create, fine}};
    void *GetPjrtApi(void) { return &api; }
    """

  /// Two nodes that make a client of a plugin, and what went wrong in it. Whoever is done first stays: the first node keeps
  /// the store.
  private static func clients(
    of library: PluginLibrary
  ) throws -> [Task<(NodeMember?, KerasError?), Never>] {
    let nodes = ["127.0.0.1:\(try NodeMeetingTests.freePort())", "127.0.0.1"]
    let secret = try NodeSecret("0123456789abcdef")
    return try (0..<2).map { number in
      let group = try NodeGroup(nodes, number: number, secret: secret, patience: 20)
      return Task.detached {
        let member = try? NodeMember(group)
        return (member, thrown { _ = try Client(library, member: member) })
      }
    }
  }

  @Test(.timeLimit(.minutes(2))) func aPluginAsksTheStore() async throws {
    let folder = try TestFolder()
    let library = try PluginLibrary(path: folder.library(Self.plugin, named: "nodes"))
    for (number, client) in try Self.clients(of: library).enumerated() {
      #expect(
        await client.value.1?.what
          == "The plugin failed: I am \(1 - number) of 2; 11 bytes; 5 no node has said this yet; "
          + "4 no node said it in time; ")
    }
  }

  /// XLA's CPU plugin does not know of others.
  @Test(.timeLimit(.minutes(2)), .enabled(if: TestPlugin.file != nil, "needs a plugin for CPUs"))
  func aPluginForOneMachineIsNotTaken() async throws {
    let file = try TestPlugin.file.orThrow(KerasError(.unsupported, "no plugin"))
    _ = TestPlugin.client
    let library = try PluginLibrary(path: file.path)
    for client in try Self.clients(of: library) {
      #expect(
        await client.value.1?.description == """
          The plugin does not compute together with other nodes: of 2 nodes it sees 1.
            in: \(file.path)
            try: use a plugin for GPUs of NVIDIA or AMD, or compute on this machine alone, without KERAS_NODES.
          """)
    }
  }
}
