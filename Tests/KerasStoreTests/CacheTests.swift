import Foundation
import KerasCore
import KerasLoopbackServer
import KerasStore
import KerasWeights
import Testing

/// What the store makes of files that are already there.
@Suite struct CacheTests {
  let scratch: Scratch
  let good = sampleWeights(byteCount: 20_000, seed: 1)
  let other = sampleWeights(byteCount: 20_000, seed: 2)
  init() throws { scratch = try Scratch() }

  /// A store that cannot fetch.
  private var offline: WeightStore {
    var options = loopbackOptions()
    options.isOffline = true
    return WeightStore(scratch, options)
  }

  @Test func aGoodFileIsUsedAsItIs() throws {
    try scratch.put(good, as: "sample.h5")
    #expect(try offline.path(for: sampleFile()) == scratch.path("sample.h5"))
    #expect(try offline.path(for: sampleFile(hash: md5(of: good))) == scratch.path("sample.h5"))
  }

  @Test func aCutFileWithoutAHashIsFetchedAgain() throws {
    let bytes = good
    let server = try LoopbackServer { _ in .ok(bytes) }
    try scratch.put(Array(good.prefix(10_000)), as: "sample.h5")
    let log = Log<StoreEvent>()
    let store = WeightStore(scratch, loopbackOptions(server.url), log: log)
    #expect(try store.path(for: sampleFile()) == scratch.path("sample.h5"))
    #expect(try scratch.bytes(of: "sample.h5") == good)
    #expect(try scratch.bytes(of: "sample.h5.kept") == Array(good.prefix(10_000)))
    #expect(
      log.all.contains(
        .movedAside(path: scratch.path("sample.h5.kept"), reason: "expected 20000 bytes, found 10000")))
  }

  @Test func aFileWithAnotherHashIsFetchedAgain() throws {
    let bytes = good
    let server = try LoopbackServer { _ in .ok(bytes) }
    try scratch.put(other, as: "sample.h5")
    let file = sampleFile(hash: try md5(of: good))
    #expect(try offline.cachedPath(for: file) == nil)
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: file)
    #expect(try scratch.bytes(of: "sample.h5") == good)
    #expect(try scratch.bytes(of: "sample.h5.kept") == other)
  }

  @Test func aCheckedFileIsTrustedOnlyUntilItChanges() throws {
    try scratch.put(good, as: "sample.h5")
    let file = sampleFile(hash: try md5(of: good))
    #expect(try offline.cachedPath(for: file) != nil)
    let record = scratch.path(".sample.h5.verified")
    #expect(FileManager.default.fileExists(atPath: record))

    // The same size, the same inode and, by hand, the same time of modification.
    let path = scratch.path("sample.h5")
    var before = stat()
    #expect(stat(path, &before) == 0)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seek(toOffset: 10_000)
    try handle.write(contentsOf: Data([1, 2, 3, 4]))
    try handle.close()
    let times = [before.st_atim, before.st_mtim]
    #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    #expect(try offline.cachedPath(for: file) == nil)
  }

  @Test func aRecordIsBelievedWithoutReadingTheFile() throws {
    // A record under a false hash shows that the bytes are not read again.
    try scratch.put(good, as: "sample.h5")
    #expect(try offline.cachedPath(for: sampleFile(hash: md5(of: good))) != nil)
    let record = scratch.path(".sample.h5.verified")
    let claimed = FileHash(.md5, String(repeating: "a", count: 32))
    let line = try String(contentsOfFile: record, encoding: .utf8)
    try line.replacingOccurrences(of: try md5(of: good).digits, with: claimed.digits)
      .write(toFile: record, atomically: true, encoding: .utf8)
    #expect(try offline.cachedPath(for: sampleFile(hash: claimed)) != nil)
    #expect(try offline.cachedPath(for: sampleFile(hash: md5(of: other))) == nil)
  }

  @Test func aDamagedRecordOnlyCostsACheck() throws {
    try scratch.put(good, as: "sample.h5")
    try scratch.put([0xFF, 0xFE], as: ".sample.h5.verified")
    #expect(try offline.cachedPath(for: sampleFile(hash: md5(of: good))) != nil)
  }

  @Test func aFolderInTheFilesPlaceIsMovedAside() throws {
    let bytes = good
    let server = try LoopbackServer { _ in .ok(bytes) }
    try FileManager.default.createDirectory(
      atPath: scratch.path("sample.h5"), withIntermediateDirectories: true)
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == good)
  }

  @Test func aLockOfADeadProcessIsNoObstacle() throws {
    let bytes = good
    let server = try LoopbackServer { _ in .ok(bytes) }
    try scratch.put(Array("999999\n".utf8), as: "sample.h5.lock")
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile())
    #expect(scratch.names == ["sample.h5"])
  }

  @Test func aHolderWithoutProgressIsGivenUp() throws {
    let bytes = good
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok(bytes)
      response.pauseAfter = 1000
      return response
    }
    let holder = try FetchProbe(scratch.home, server.url, "sample.h5")
    defer {
      server.resume()
      holder.kill()
    }
    try waitUntil { (try? scratch.bytes(of: "sample.h5.part").count) == 1000 }
    let processID = try String(decoding: scratch.bytes(of: "sample.h5.lock"), as: UTF8.self)
      .trimmingCharacters(in: .newlines)
    var options = loopbackOptions(server.url)
    options.lockPatience = 0.2
    let found = error { _ = try WeightStore(scratch, options).path(for: sampleFile()) }
    #expect(
      found?.description == """
        Process \(processID) holds \(scratch.path("sample.h5.lock")) and has made no progress for 0.2 seconds.
          try: end that process, then try again.
        """)
  }
}

/// Mirrors of every kind, in order.
@Suite struct MirrorTests {
  let scratch: Scratch
  let mirror: Scratch
  let bytes = sampleWeights(byteCount: 5000)
  init() throws { (scratch, mirror) = (try Scratch(), try Scratch()) }

  @Test(arguments: ["family/sample.h5", "sample.h5"], ["", "file://"])
  func aFolder(layout: String, scheme: String) throws {
    let folder = mirror.home + "/a mirror"
    let path = folder + "/" + layout
    try FileManager.default.createDirectory(atPath: folder + "/family", withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let base = scheme.isEmpty ? folder : scheme + folder.replacingOccurrences(of: " ", with: "%20")
    var options = loopbackOptions(base)
    options.isOffline = true
    #expect(try WeightStore(scratch, options).path(for: sampleFile()) == scratch.path("sample.h5"))
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
  }

  @Test func theNextOneHelps() throws {
    let bytes = bytes
    let broken = try LoopbackServer { _ in .ok(Array("<html>".utf8)) }
    let missing = try LoopbackServer { _ in .status(404) }
    let official = try LoopbackServer { _ in .ok(bytes) }
    var options = loopbackOptions(broken.url, missing.url + "/")
    options.usesOfficialHosts = true
    let log = Log<StoreEvent>()
    let file = sampleFile(url: official.url + "/there.h5")
    _ = try WeightStore(scratch, options, log: log).path(for: file)
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(broken.requests.map(\.path) == ["/family/sample.h5"])
    #expect(missing.requests.map(\.path) == ["/family/sample.h5", "/sample.h5"])
    #expect(official.requests.map(\.path) == ["/there.h5"])
    let skipped = log.all.compactMap { if case .skipped(_, let url, _) = $0 { url } else { nil } }
    #expect(
      skipped == [
        broken.url + "/family/sample.h5", missing.url + "/family/sample.h5", missing.url + "/sample.h5",
      ])
  }

  @Test func theEnvironmentNamesThem() {
    let values = [
      "KERAS_WEIGHTS_BASE_URL": "http://a/x, https://b  /c", "KERAS_OFFLINE": "1", "SSL_CERT_FILE": "/ca.pem",
    ]
    let options = StoreOptions { values[$0] }
    #expect(options.mirrors == ["http://a/x", "https://b", "/c"])
    #expect(options.isOffline)
    #expect(options.certificateFile == "/ca.pem")
    for value in ["0", "false", "No", "off"] {
      #expect(!StoreOptions { $0 == "KERAS_OFFLINE" ? value : nil }.isOffline)
    }
  }
}
