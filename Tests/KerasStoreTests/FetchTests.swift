import Foundation
import KerasCore
import KerasLoopbackServer
import KerasStore
import KerasWeights
import Testing

/// What happens between an address and a file in its place.
@Suite struct FetchTests {
  @Test func fetchesOnceAndLeavesNothingElse() throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { _ in .ok(bytes) }
    let scratch = try Scratch()
    let log = Log<StoreEvent>()
    let store = WeightStore(scratch, loopbackOptions(server.url), log: log)
    let path = try store.path(for: sampleFile())
    #expect(path == scratch.path("sample.h5"))
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(scratch.names == ["sample.h5"])
    #expect(try store.path(for: sampleFile()) == path)
    #expect(server.requests.map(\.path) == ["/family/sample.h5"])
    #expect(log.all.first == .started(name: "sample.h5", url: server.url + "/family/sample.h5", resumedAt: 0))
    #expect(log.all.last == .finished(name: "sample.h5", path: path, byteCount: bytes.count))
  }

  @Test(.enabled(if: SharedFolder.path != nil, "the shared folder with real weights is not here"))
  func fetchesRealWeights() throws {
    let file = try WeightCatalog.file(for: "MobileNet", alpha: 0.25, rows: 224)
    let source = try #require(SharedFolder.file("weights/" + file.fileName))
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: source)))
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      response.headers["ETag"] = "\"1\""
      if request.number == 0 { response.cutAfter = 1_000_000 }
      return response
    }
    let scratch = try Scratch()
    let store = WeightStore(scratch, loopbackOptions(server.url))
    _ = try store.path(for: file)
    #expect(try scratch.bytes(of: file.fileName) == bytes)
    #expect(server.requests.map(\.path) == Array(repeating: "/mobilenet/" + file.fileName, count: 2))
    #expect(server.requests[1].rangeStart == 1_000_000)
    #expect(try store.verify(file) == .unchanged(FileHash(.sha256, ofFile: source)))
  }

  @Test(arguments: [(true, nil), (true, "\"tag\""), (false, "\"tag\"")] as [(Bool, String?)])
  func goesOnAfterACutConnection(hasHash: Bool, tag: String?) throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      response.headers["ETag"] = tag
      if request.number < 2 { response.cutAfter = 100_000 }
      return response
    }
    let scratch = try Scratch()
    let sleeps = Log<Double>()
    let store = WeightStore(scratch, loopbackOptions(server.url, attempts: 2, sleeps: sleeps))
    _ = try store.path(for: sampleFile(hash: hasHash ? try md5(of: bytes) : nil))
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000, 200_000])
    #expect(server.requests.map { $0.headers["if-range"] } == [nil, tag, tag])
    #expect(sleeps.all == [1, 1])
    #expect(scratch.names == ["sample.h5"])
  }

  @Test func startsOverWhereRangesAreIgnored() throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      (response.headers["ETag"], response.honoursRange) = ("\"1\"", false)
      if request.number == 0 { response.cutAfter = 100_000 }
      return response
    }
    let scratch = try Scratch()
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000])
  }

  @Test func startsOverWhenTheFileChangedAtTheServer() throws {
    let (old, new) = (sampleWeights(seed: 1), sampleWeights(seed: 2))
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(request.number == 0 ? old : new)
      response.headers["ETag"] = "\"\(min(request.number, 1))\""
      if request.number == 0 { response.cutAfter = 100_000 }
      return response
    }
    let scratch = try Scratch()
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == new)
  }

  @Test func doesNotMixTwoAddressesWithoutAHash() throws {
    let (old, new) = (sampleWeights(seed: 1), sampleWeights(seed: 2))
    let servers = try [old, new].map { bytes in
      try LoopbackServer { _ in
        var response = LoopbackServer.Response.ok(bytes)
        (response.headers["ETag"], response.cutAfter) = ("\"1\"", bytes == old ? 5000 : nil)
        response.honoursRange = bytes == new
        return response
      }
    }
    let scratch = try Scratch()
    #expect(error { _ = try WeightStore(scratch, loopbackOptions(servers[0].url)).path(for: sampleFile()) } != nil)
    #expect(try scratch.bytes(of: "sample.h5.part") == Array(old.prefix(5000)))
    _ = try WeightStore(scratch, loopbackOptions(servers[1].url)).path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == new)
    #expect(servers[1].requests.map(\.rangeStart) == [nil])
  }

  @Test func startsOverWhenOldBytesWereAtFault() throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { _ in .ok(bytes) }
    let scratch = try Scratch()
    try scratch.put([UInt8](repeating: 0, count: 5000), as: "sample.h5.part")
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile(hash: md5(of: bytes)))
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(server.requests.map(\.rangeStart) == [5000, nil])
    #expect(scratch.names == ["sample.h5"])
  }

  @Test func finishesWhatWasCompleteButNotInPlace() throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { _ in .ok(bytes) }
    let scratch = try Scratch()
    try scratch.put(bytes, as: "sample.h5.part")
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile(hash: md5(of: bytes)))
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(server.requests.map(\.rangeStart) == [bytes.count])
  }

  @Test func triesAgainAfterServerErrors() throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { request in
      switch request.number {
      case 0: return .status(503)
      case 1:
        var response = LoopbackServer.Response.status(429)
        response.headers["Retry-After"] = "7"
        return response
      case 2: return .status(408)
      default: return .ok(bytes)
      }
    }
    let scratch = try Scratch()
    let sleeps = Log<Double>()
    _ = try WeightStore(scratch, loopbackOptions(server.url, attempts: 4, sleeps: sleeps))
      .path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(sleeps.all == [1, 7, 4])
  }

  @Test func followsRedirections() throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { request in
      guard request.number == 0 else { return .ok(bytes) }
      var response = LoopbackServer.Response.status(302)
      response.headers["Location"] = "/elsewhere"
      return response
    }
    let scratch = try Scratch()
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(server.requests.map(\.path) == ["/family/sample.h5", "/elsewhere"])
  }

  @Test func twoThreadsFetchOnce() throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok(bytes)
      response.pauseAfter = 1000
      return response
    }
    let scratch = try Scratch()
    let store = WeightStore(home: KerasHome(path: scratch.home), options: loopbackOptions(server.url)) {
      // Whose lock it is, is not known in the moment before the holder has written it down.
      if case .waiting(_, let processID) = $0, processID == nil || processID == Int(getpid()) { server.resume() }
    }
    // Threads of their own: a busy queue may run one after the other, and the first waits for the second.
    let paths = Log<String?>()
    for _ in 0..<2 {
      Thread.detachNewThread { paths.append(try? store.path(for: sampleFile())) }
    }
    try waitUntil { paths.all.count == 2 }
    #expect(paths.all == [scratch.path("sample.h5"), scratch.path("sample.h5")])
    #expect(server.requests.count == 1)
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(scratch.names == ["sample.h5"])
  }

  @Test func twoProcessesFetchOnce() throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok(bytes)
      response.pauseAfter = 1000
      return response
    }
    let scratch = try Scratch()
    let other = try FetchProbe(scratch.home, server.url, "sample.h5")
    try waitUntil { !server.requests.isEmpty }
    let store = WeightStore(home: KerasHome(path: scratch.home), options: loopbackOptions(server.url)) {
      if case .waiting = $0 { server.resume() }
    }
    #expect(try store.path(for: sampleFile()) == scratch.path("sample.h5"))
    #expect(other.result() == scratch.path("sample.h5"))
    #expect(server.requests.count == 1)
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(scratch.names == ["sample.h5"])
  }

  @Test func goesOnAfterAKilledProcess() throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      response.headers["ETag"] = "\"1\""
      if request.number == 0 { response.pauseAfter = 150_000 }
      return response
    }
    let scratch = try Scratch()
    let other = try FetchProbe(scratch.home, server.url, "sample.h5")
    try waitUntil {
      (try? scratch.bytes(of: "sample.h5.part.from")).map { String(decoding: $0, as: UTF8.self) }?
        .contains("\n150000\n") == true
    }
    other.kill()
    #expect(scratch.names == ["sample.h5.lock", "sample.h5.part", "sample.h5.part.from"])
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile())
    server.resume()
    #expect(server.requests.map(\.rangeStart) == [nil, 150_000])
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(scratch.names == ["sample.h5"])
  }
}

/// Gives up after ten seconds.
func waitUntil(_ condition: () -> Bool) throws {
  struct NeverCame: Error {}
  for _ in 0..<12_000 {
    if condition() { return }
    usleep(5000)
  }
  throw NeverCame()
}

func md5(of bytes: [UInt8]) throws -> FileHash {
  let path = FileManager.default.temporaryDirectory.path + "/keras-md5-\(UUID().uuidString)"
  try Data(bytes).write(to: URL(fileURLWithPath: path))
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try FileHash(.md5, ofFile: path)
}
