import Foundation
import KerasCore
import KerasLoopbackServer
import KerasWeights
import Testing

@testable import KerasStore

/// What may be somebody's own is never lost, and never in the way.
@Suite struct KeepingTests {
  let scratch: Scratch
  let bytes = sampleWeights(byteCount: 20_000)
  init() throws { scratch = try Scratch() }

  private func goodServer() throws -> LoopbackServer {
    let bytes = bytes
    return try LoopbackServer { _ in .ok(bytes) }
  }

  @Test func everyFileUnderAPublishedNameIsKept() throws {
    let server = try goodServer()
    let log = Log<StoreEvent>()
    let store = WeightStore(scratch, loopbackOptions(server.url), log: log)
    for number in 1...3 {
      try scratch.put([UInt8(number)], as: "sample.h5")
      _ = try store.path(for: sampleFile())
      #expect(try scratch.bytes(of: "sample.h5") == bytes)
      let kept = "sample.h5.kept" + (number == 1 ? "" : ".\(number)")
      #expect(try scratch.bytes(of: kept) == [UInt8(number)])
      let reason = "expected an HDF5 file, found something else"
      #expect(log.all.contains(.movedAside(path: scratch.path(kept), reason: reason)))
    }
  }

  @Test func aGoodFileThatTheStoreDidNotFetchIsKeptWhenItIsReplaced() throws {
    let server = try goodServer()
    let own = sampleWeights(byteCount: 20_000, seed: 99)
    try scratch.put(own, as: "sample.h5")
    let store = WeightStore(scratch, loopbackOptions(server.url))
    #expect(try store.path(for: sampleFile()) == scratch.path("sample.h5"))
    #expect(try scratch.bytes(of: "sample.h5") == own)
    for _ in 1...2 { _ = try store.fetch(sampleFile(), replacing: true) }
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(try scratch.bytes(of: "sample.h5.kept") == own)
    #expect(scratch.names == ["sample.h5", "sample.h5.kept"])
  }

  @Test func aLinkThatLeadsNowhereIsKept() throws {
    let server = try goodServer()
    try scratch.put([], as: "other")
    symlink("/not/mounted/sample.h5", scratch.path("sample.h5"))
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    let target = try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path("sample.h5.kept"))
    #expect(target == "/not/mounted/sample.h5")
  }

  @Test func foldersUnderAPublishedNameAreKeptAndBlockNothing() throws {
    let server = try goodServer()
    let file = try WeightCatalog.file(for: "MobileNet")
    let store = WeightStore(scratch, loopbackOptions(server.url))
    for number in 1...2 {
      try? FileManager.default.removeItem(atPath: scratch.path(file.fileName))
      try FileManager.default.createDirectory(
        atPath: scratch.path(file.fileName), withIntermediateDirectories: true)
      try scratch.put([UInt8(number)], as: file.fileName + "/mine")
      _ = try store.path(for: file)
    }
    try FileManager.default.createDirectory(
      atPath: scratch.path(file.fileName + ".bad/sub"), withIntermediateDirectories: true)
    #expect(try scratch.bytes(of: file.fileName) == bytes)
    #expect(try scratch.bytes(of: file.fileName + ".kept.2/mine") == [2])
    let left = PruneOutcome.Remainder(
      path: scratch.path(file.fileName + ".bad"), reason: "it is a folder with something in it", isFailure: false)
    #expect(store.prune() == PruneOutcome(left: [left]))
  }

  @Test func wrongBytesAreKeptOnceAndUnderFreeNames() throws {
    let (first, second) = (sampleWeights(byteCount: 900, seed: 1), sampleWeights(byteCount: 900, seed: 2))
    let server = try LoopbackServer { .ok($0.number < 2 ? first : second) }
    let file = sampleFile(hash: try md5(of: bytes))
    for _ in 1...3 {
      #expect(error { _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: file) } != nil)
    }
    #expect(try scratch.bytes(of: "sample.h5.bad") == first)
    #expect(try scratch.bytes(of: "sample.h5.bad.2") == second)
    #expect(scratch.names == ["sample.h5.bad", "sample.h5.bad.2"])
  }

  @Test func pruneGoesOnAndSaysWhatItLeft() throws {
    let names = try ["MobileNet", "ResNet50", "VGG16"].map { try WeightCatalog.file(for: $0).fileName }
    try FileManager.default.createDirectory(
      atPath: scratch.path(names[2] + ".part/sub"), withIntermediateDirectories: true)
    symlink("/nowhere", scratch.path(names[0] + ".part"))
    for name in ["\(names[0]).part.from.123", ".\(names[0]).verified.123.456", "\(names[1]).bad.2"] {
      try scratch.put([1], as: name)
    }
    let outcome = WeightStore(scratch, loopbackOptions()).prune()
    #expect(Set(outcome.removed.map(\.name)) == [names[0] + ".part", names[1] + ".bad.2"])
    #expect(outcome.left.map(\.path) == [scratch.path(names[2] + ".part")])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.models) == [names[2] + ".part"])
  }

  @Test func pruneLeavesWhatMayBeSomebodysOwn() throws {
    let names = try ["MobileNet", "ResNet50"].map { try WeightCatalog.file(for: $0).fileName }
    for name in names { try scratch.put(bytes, as: name) }
    let outcome = WeightStore(scratch, loopbackOptions()).prune(.everything)
    #expect(outcome.removed == [])
    #expect(Set(outcome.left.map(\.path)) == Set(names.map { scratch.path($0) }))
    #expect(outcome.left.allSatisfy { $0.reason.hasPrefix("it may be somebody's own: ") && !$0.isFailure })
    for name in names { #expect(try scratch.bytes(of: name) == bytes) }
  }
}

/// A file is read to its end before it is used.
@Suite struct StructureTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private func fetching(_ bytes: [UInt8]) throws -> KerasError? {
    let server = try LoopbackServer { _ in .ok(bytes) }
    return error { _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile()) }
  }

  @Test func garbageBehindAGoodBeginningIsRefused() throws {
    var bytes = sampleWeights(byteCount: 5000)
    bytes.replaceSubrange(96..<272, with: [UInt8](repeating: 0xA5, count: 176))
    let found = try fetching(bytes)
    #expect(found?.kind == .invalidFile)
    #expect(
      found?.what.hasPrefix("Cannot fetch sample.h5: expected a whole HDF5 file, found damage (") == true)
    #expect(scratch.names == ["sample.h5.bad"])
  }

  @Test(arguments: [true, false])
  func valuesThatAreNoNumbersAreRefused(isFinite: Bool) throws {
    var bytes = sampleWeights(byteCount: 272 + 4000)
    // The same array as 1000 floats.
    bytes.replaceSubrange(200..<208, with: [0xE8, 3, 0, 0, 0, 0, 0, 0])
    bytes.replaceSubrange(
      216..<236, with: [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0])
    bytes.replaceSubrange(272..., with: [UInt8](repeating: isFinite ? 0 : 0xFF, count: 4000))
    let found = try fetching(bytes)
    #expect(
      found?.what
        == (isFinite
          ? nil
          : "Cannot fetch sample.h5: expected a whole HDF5 file, found damage (a holds values that are no numbers)."))
  }

  @Test func aFileThatChangedSinceItWasFetchedIsNotUsed() throws {
    let bytes = sampleWeights(byteCount: 5000)
    #expect(try fetching(bytes) == nil)
    var changed = bytes
    changed[1000] ^= 1
    let handle = try #require(FileHandle(forWritingAtPath: scratch.path("sample.h5")))
    try handle.write(contentsOf: Data(changed))
    try handle.close()
    #expect(try WeightStore(scratch, loopbackOptions()).cachedPath(for: sampleFile()) == nil)
    #expect(try fetching(bytes) == nil)
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(try scratch.bytes(of: "sample.h5.kept") == changed)
  }

  @Test func aFetchedFileIsTrustedUntilItChanges() throws {
    let bytes = sampleWeights(byteCount: 5000)
    #expect(try fetching(bytes) == nil)
    let store = WeightStore(scratch, loopbackOptions())
    let line = String(decoding: try scratch.bytes(of: ".sample.h5.verified"), as: UTF8.self)
    #expect(line.contains(" fetched SHA-256 "))
    // The same bytes in another file.
    try scratch.put(bytes, as: "sample.h5")
    #expect(try store.cachedPath(for: sampleFile()) == scratch.path("sample.h5"))
    let newLine = String(decoding: try scratch.bytes(of: ".sample.h5.verified"), as: UTF8.self)
    #expect(newLine != line && newLine.contains(" fetched SHA-256 "))
  }

  @Test func aPipeInAFolderOfAMirrorDoesNotHang() throws {
    let mirror = try Scratch()
    mkfifo(mirror.home + "/sample.h5", 0o600)
    let found = error {
      _ = try WeightStore(scratch, loopbackOptions(mirror.home)).path(for: sampleFile())
    }
    #expect(
      found?.what.contains("/sample.h5: it is not a file but a folder, a pipe or a device") == true)
  }

  @Test(arguments: [
    ("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "the server answered 302 (a redirection to nowhere)"),
    ("Hello, this is no HTTP.\n", "what answers there does not speak HTTP"),
  ])
  func whatIsNotWhatItShouldBeHasItsWords(answer: String, reason: String) throws {
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok([])
      response.raw = Array(answer.utf8)
      return response
    }
    let found = error { _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile()) }
    #expect(found?.what.contains("/sample.h5: \(reason)") == true || found?.what.hasSuffix(": \(reason).") == true)
  }
}
