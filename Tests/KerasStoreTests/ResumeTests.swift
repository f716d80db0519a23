import Foundation
import KerasCore
import KerasLoopbackServer
import KerasWeights
import Testing

@testable import KerasStore

/// A file is gone on with only where what is here and what comes are of one version.
@Suite struct ResumeTests {
  let scratch: Scratch
  let old = sampleWeights(seed: 1)
  let new = sampleWeights(seed: 2)
  init() throws { scratch = try Scratch() }

  /// A server that cuts the old version and then has the new one, and sends ranges of it to whoever asks.
  private func changingServer(_ heads: [[String: String]]) throws -> LoopbackServer {
    let (old, new) = (old, new)
    return try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(request.number == 0 ? old : new)
      response.headers = heads[min(request.number, heads.count - 1)]
      response.ignoresIfRange = true
      if request.number == 0 { response.cutAfter = 100_000 }
      return response
    }
  }

  private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
  private static let later = "Mon, 07 Nov 1994 08:49:37 GMT"

  @Test(arguments: [
    [["ETag": "\"1\""], ["ETag": "\"2\""]],
    [["ETag": "W/\"1\""], ["ETag": "W/\"2\""]],
    [["ETag": "W/\"1\""], ["ETag": "W/\"1\""]],
    [[:], [:]],
    [["ETag": "\"1\""], [:]],
    [["ETag": "\"1\""], ["ETag": "W/\"1\""]],
    [["Last-Modified": date, "Date": date]],
    [["Last-Modified": date, "Date": later], ["Last-Modified": later, "Date": later]],
    [["Last-Modified": date, "Date": later], ["Date": later]],
    [["Last-Modified": date, "Date": later], ["Last-Modified": date, "Date": later, "ETag": "\"2\""]],
  ])
  func twoVersionsAreNeverMixed(heads: [[String: String]]) throws {
    let server = try changingServer(heads)
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == new)
  }

  @Test func aDateIsAName() throws {
    let bytes = old
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      response.headers = ["Last-Modified": Self.date, "Date": Self.later]
      if request.number == 0 { response.cutAfter = 100_000 }
      return response
    }
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile())
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000])
    #expect(server.requests[1].headers["if-range"] == Self.date)
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
  }

  @Test func startingOverIsSaidAndNotWaitedFor() throws {
    let server = try changingServer([["ETag": "\"1\""], ["ETag": "\"2\""]])
    let (log, sleeps) = (Log<StoreEvent>(), Log<Double>())
    _ = try WeightStore(scratch, loopbackOptions(server.url, sleeps: sleeps), log: log).path(for: sampleFile())
    let reason = "the file changed at the server while it was fetched"
    #expect(log.all.contains(.startedOver(name: "sample.h5", reason: reason)))
    #expect(sleeps.all == [1])
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000, nil])
  }

  @Test func aFileThatAlwaysChangesIsGivenUp() throws {
    let bytes = old
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      response.headers["ETag"] = "\"\(request.number)\""
      response.ignoresIfRange = true
      response.cutAfter = 100_000
      return response
    }
    let found = error { _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile()) }
    #expect(found?.what == "Cannot fetch sample.h5: the file changed at the server while it was fetched.")
  }

  @Test func underAHashMixedBytesAreFetchedAnewInTheSameRun() throws {
    let server = try changingServer([[:]])
    let log = Log<StoreEvent>()
    _ = try WeightStore(scratch, loopbackOptions(server.url), log: log).path(for: sampleFile(hash: md5(of: new)))
    #expect(try scratch.bytes(of: "sample.h5") == new)
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000, nil])
    #expect(log.all.contains { if case .startedOver = $0 { true } else { false } })
    #expect(scratch.names == ["sample.h5"])
  }

  @Test func rangesMayBeShorterThanAskedFor() throws {
    let bytes = old
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      (response.headers["ETag"], response.longestRange) = ("\"1\"", 60_000)
      if request.number == 0 { response.cutAfter = 100_000 }
      return response
    }
    let sleeps = Log<Double>()
    _ = try WeightStore(scratch, loopbackOptions(server.url, attempts: 2, sleeps: sleeps)).path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000, 160_000, 220_000, 280_000])
    #expect(sleeps.all == [1])
  }

  @Test func aCutWithoutAnAnnouncedLengthIsSeenByTheFilesOwnAccount() throws {
    let bytes = old
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      if request.number == 0 { (response.announcesLength, response.cutAfter) = (false, 100_000) }
      return response
    }
    let log = Log<StoreEvent>()
    _ = try WeightStore(scratch, loopbackOptions(server.url), log: log).path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    let reason = "the connection broke off after 100000 of 300000 bytes"
    #expect(log.all.contains(.retrying(name: "sample.h5", reason: reason, seconds: 1)))
    #expect(scratch.names == ["sample.h5"])
  }

  @Test(arguments: [true, false])
  func bytesLostInAPowerCutAreNotGoneOnWith(hasHash: Bool) throws {
    let bytes = old
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      response.headers["ETag"] = "\"1\""
      if request.number < 3 { (response.cutAfter, response.honoursRange) = (100_000, false) }
      return response
    }
    let file = sampleFile(hash: hasHash ? try md5(of: bytes) : nil)
    let store = WeightStore(scratch, loopbackOptions(server.url))
    #expect(error { _ = try store.path(for: file) } != nil)
    var part = try scratch.bytes(of: "sample.h5.part")
    #expect(part.count == 100_000)
    part.replaceSubrange(50_000..., with: [UInt8](repeating: 0, count: 50_000))
    try scratch.put(part, as: "sample.h5.part")
    _ = try store.path(for: file)
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(server.requests.last?.rangeStart == nil)
  }

  @Test func bytesThatNoNoteVouchesForAreNotGoneOnWith() throws {
    let bytes = old
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      response.headers["ETag"] = "\"1\""
      if request.number < 3 { (response.cutAfter, response.honoursRange) = (100_000, false) }
      return response
    }
    let store = WeightStore(scratch, loopbackOptions(server.url))
    #expect(error { _ = try store.path(for: sampleFile()) } != nil)
    try scratch.put(try scratch.bytes(of: "sample.h5.part") + [0, 0, 0, 0], as: "sample.h5.part")
    _ = try store.path(for: sampleFile())
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(server.requests.last?.rangeStart == 100_000)
  }

  @Test func aServerThatDripsIsGivenUp() throws {
    let bytes = old
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok(bytes)
      response.headers["ETag"] = "\"1\""
      response.pauseBetweenBytes = 20_000
      return response
    }
    var options = loopbackOptions(server.url, attempts: 2)
    (options.stallTimeout, options.leastRate) = (1, 1000)
    let log = Log<StoreEvent>()
    let found = error { _ = try WeightStore(scratch, options, log: log).path(for: sampleFile()) }
    let what = try #require(found?.what)
    #expect(what.hasPrefix("Cannot fetch sample.h5: only ") && what.hasSuffix(" bytes came in 1.0 s, 2 times."))
    #expect(log.all.contains { if case .retrying = $0 { true } else { false } })
  }
}
