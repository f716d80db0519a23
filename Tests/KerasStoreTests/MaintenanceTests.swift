import Foundation
import KerasCore
import KerasLoopbackServer
import KerasWeights
import Testing

@testable import KerasStore

/// What `keras weights list`, `verify` and `prune` stand on.
@Suite struct MaintenanceTests {
  let scratch: Scratch
  let store: WeightStore
  let mobileNet: WeightFile
  let resNet: WeightFile

  init() throws {
    scratch = try Scratch()
    store = WeightStore(scratch, loopbackOptions())
    mobileNet = try WeightCatalog.file(for: "MobileNet")
    resNet = try WeightCatalog.file(for: "ResNet50")
  }

  @Test func lists() throws {
    #expect(store.list() == [])
    try scratch.put([1, 2, 3], as: mobileNet.fileName)
    try scratch.put([1, 2], as: resNet.fileName + ".part")
    try scratch.put([1], as: resNet.fileName + ".bad")
    try scratch.put([], as: resNet.fileName + ".lock")
    try scratch.put([], as: ".hidden")
    try scratch.put([9, 9], as: "mine.h5")
    #expect(
      store.list() == [
        CachedFile(path: scratch.path("mine.h5"), byteCount: 2, kind: .other),
        CachedFile(path: scratch.path(mobileNet.fileName), byteCount: 3, kind: .published(mobileNet)),
        CachedFile(path: scratch.path(resNet.fileName + ".bad"), byteCount: 1, kind: .bad),
        CachedFile(path: scratch.path(resNet.fileName + ".part"), byteCount: 2, kind: .partial),
      ])
  }

  @Test func verifiesEveryByteAgain() throws {
    #expect(
      error { _ = try store.verify(mobileNet) }?.description == """
        \(mobileNet.fileName) is not in the cache.
          try: fetch it, or put it at \(scratch.path(mobileNet.fileName)).
        """)
    try scratch.put(sampleWeights(byteCount: 1000), as: mobileNet.fileName)
    #expect(try store.verify(mobileNet) == .structure)
    let bytes = sampleWeights(byteCount: 1000)
    try scratch.put(bytes, as: resNet.fileName)
    let found = error { _ = try store.verify(resNet) }
    #expect(found?.kind == .checksumMismatch)
    #expect(
      found?.description == """
        \(resNet.fileName) is not the published file: expected MD5 2cb95161c43110f7111970584f804107, \
        found \(try md5(of: bytes)).
          in: \(scratch.path(resNet.fileName))
          try: fetch it again.
        """)
  }

  @Test func prunesLeftovers() throws {
    try scratch.put([1, 2, 3], as: mobileNet.fileName)
    try scratch.put([], as: ".\(mobileNet.fileName).verified")
    for suffix in [".part", ".part.from", ".bad", ".lock"] {
      try scratch.put([1], as: resNet.fileName + suffix)
    }
    try scratch.put([], as: ".\(resNet.fileName).verified")
    try scratch.put([1], as: "mine.h5.part")
    let removed = store.prune().removed
    #expect(removed.map(\.kind) == [.partial, .bad])
    #expect(scratch.names == ["mine.h5.part", mobileNet.fileName])
    let all = try FileManager.default.contentsOfDirectory(atPath: scratch.models)
    #expect(all.filter { $0.hasSuffix(".verified") } == [".\(mobileNet.fileName).verified"])
  }

  @Test func prunesPublishedFilesOnRequest() throws {
    let bytes = sampleWeights(byteCount: 1000)
    let server = try LoopbackServer { _ in .ok(bytes) }
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: mobileNet)
    try scratch.put([9], as: "mine.h5")
    #expect(store.prune(.everything).removed.map(\.name) == [mobileNet.fileName])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.models) == ["mine.h5"])
  }

  @Test func leavesAloneWhatIsBeingFetched() throws {
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok(sampleWeights())
      response.pauseAfter = 1000
      return response
    }
    let name = mobileNet.fileName
    let other = try FetchProbe(scratch.home, server.url, name)
    try waitUntil { (try? scratch.bytes(of: name + ".part").count) == 1000 }
    #expect(store.prune(.everything) == PruneOutcome())
    server.resume()
    #expect(other.result() == scratch.path(name))
  }
}
