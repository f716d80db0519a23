import Foundation
import KerasCore
import KerasLoopbackServer
import KerasStore
import KerasWeights
import Testing

/// Every way a fetch fails, told whole, with what is left behind.
@Suite struct FetchErrorTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private var advice: String {
    "set KERAS_WEIGHTS_BASE_URL to a mirror, or put the file at \(scratch.path("sample.h5"))."
  }

  private func official(_ base: String, sleeps: Log<Double>? = nil) -> (RemoteFile, StoreOptions) {
    var options = loopbackOptions(sleeps: sleeps)
    options.usesOfficialHosts = true
    return (sampleFile(url: base + "/family/sample.h5"), options)
  }

  @Test func notFoundIsNotTriedAgain() throws {
    let server = try LoopbackServer { _ in .status(404) }
    let sleeps = Log<Double>()
    let (file, options) = official(server.url, sleeps: sleeps)
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(found?.kind == .network)
    #expect(
      found?.description == """
        Cannot fetch sample.h5: the server answered 404 (not found).
          in: \(server.url)/family/sample.h5
          try: \(advice)
        """)
    #expect(sleeps.all == [])
    #expect(server.requests.count == 1)
    #expect(scratch.names == [])
  }

  @Test func givesUpAfterSomeServerErrors() throws {
    let server = try LoopbackServer { _ in .status(503) }
    let sleeps = Log<Double>()
    let (file, options) = official(server.url, sleeps: sleeps)
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(
      found?.description == """
        Cannot fetch sample.h5: the server answered 503 (unavailable), 3 times.
          in: \(server.url)/family/sample.h5
          try: \(advice)
        """)
    #expect(sleeps.all == [1, 2])
  }

  @Test func givesUpOnAConnectionThatAlwaysBreaksAtTheSamePlace() throws {
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok(sampleWeights())
      (response.honoursRange, response.cutAfter) = (false, 1000)
      return response
    }
    let (file, options) = official(server.url)
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(
      found?.description == """
        Cannot fetch sample.h5: the connection broke off after 1000 of 300000 bytes, 3 times.
          in: \(server.url)/family/sample.h5
          try: \(advice)
        """)
    #expect(scratch.names == ["sample.h5.part", "sample.h5.part.from"])
  }

  @Test func aServerThatFallsSilentDoesNotHang() throws {
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok(sampleWeights())
      response.pauseAfter = 1000
      return response
    }
    let (file, base) = official(server.url)
    var options = base
    (options.stallTimeout, options.retries.attempts) = (0.2, 1)
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    server.resume()
    #expect(
      found?.description == """
        Cannot fetch sample.h5: nothing came for 0.2 s.
          in: \(server.url)/family/sample.h5
          try: \(advice)
        """)
  }

  @Test func aWrongHashIsRefusedAndTheGoodFileStays() throws {
    let (good, bad) = (sampleWeights(seed: 1), sampleWeights(seed: 2))
    let server = try LoopbackServer { _ in .ok(bad) }
    var (file, options) = official(server.url)
    file.hash = try md5(of: good)
    try scratch.put(good, as: "sample.h5")
    let found = error { _ = try WeightStore(scratch, options).fetch(file, replacing: true) }
    #expect(found?.kind == .checksumMismatch)
    #expect(
      found?.description == """
        Cannot fetch sample.h5: expected \(try md5(of: good)), found \(try md5(of: bad)).
          in: \(server.url)/family/sample.h5
          try: the wrong file is kept as \(scratch.path("sample.h5.bad")); \(advice)
        """)
    #expect(try scratch.bytes(of: "sample.h5") == good)
    #expect(try scratch.bytes(of: "sample.h5.bad") == bad)
    #expect(scratch.names == ["sample.h5", "sample.h5.bad"])
  }

  @Test(arguments: [
    (
      "<!DOCTYPE html><html><body>Please log in</body></html>",
      "expected the published file, found a web page (a login or a proxy may stand between)"
    ),
    ("", "expected the published file, found an empty one"),
    ("Not weights at all.", "expected an HDF5 file, found something else"),
  ])
  func somethingElseThanWeightsIsRefused(body: String, reason: String) throws {
    let server = try LoopbackServer { _ in .ok(Array(body.utf8)) }
    let (file, options) = official(server.url)
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(found?.kind == .invalidFile)
    #expect(
      found?.description == """
        Cannot fetch sample.h5: \(reason).
          in: \(server.url)/family/sample.h5
          try: the wrong file is kept as \(scratch.path("sample.h5.bad")); \(advice)
        """)
    #expect(scratch.names == ["sample.h5.bad"])
  }

  @Test func aWebPageUnderAHashNamesBoth() throws {
    let server = try LoopbackServer { _ in .ok(Array("<html></html>".utf8)) }
    var (file, options) = official(server.url)
    file.hash = FileHash(.md5, String(repeating: "0", count: 32))
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(
      found?.what == "Cannot fetch sample.h5: expected MD5 00000000000000000000000000000000, "
        + "found \(try md5(of: Array("<html></html>".utf8))) (a web page).")
  }

  @Test func aFileCutAtTheServerIsRefused() throws {
    let server = try LoopbackServer { _ in .ok(sampleWeights(byteCount: 1000, stating: 2000)) }
    let (file, options) = official(server.url)
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(found?.what == "Cannot fetch sample.h5: expected 2000 bytes, found 1000.")
  }

  @Test func nobodyListens() throws {
    let server = try LoopbackServer { _ in .status(200) }
    server.stop()
    usleep(10_000)
    let (file, options) = official(server.url)
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(
      found?.description == """
        Cannot fetch sample.h5: the host cannot be reached, or refuses connections.
          in: \(server.url)/family/sample.h5
          try: \(advice)
        """)
    #expect(scratch.names == [])
  }

  /// Somebody put another file where the message says.
  @Test func whatIsThereIsAnotherFile() throws {
    let server = try LoopbackServer { _ in .status(404) }
    try scratch.put(sampleWeights(byteCount: 1000, stating: 2000), as: "sample.h5")
    let (file, options) = official(server.url)
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(
      found?.description.hasSuffix(
        "try: what is at \(scratch.path("sample.h5")) is not it (expected 2000 bytes, found 1000); \(advice)")
        == true,
      "\(found?.description ?? "no error")")
    #expect(scratch.names == ["sample.h5"])
  }

  @Test func offline() throws {
    let file = sampleFile(url: "http://127.0.0.1:9/family/sample.h5")
    var options = StoreOptions()
    options.isOffline = true
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(found?.kind == .network)
    #expect(
      found?.description == """
        sample.h5 is not in the cache, and the store is offline.
          try: fetch http://127.0.0.1:9/family/sample.h5 and put it at \(scratch.path("sample.h5")), or \
        leave out --offline and KERAS_OFFLINE.
        """)
    try scratch.put(sampleWeights(byteCount: 1000, stating: 2000), as: "sample.h5")
    #expect(
      error { _ = try WeightStore(scratch, options).path(for: file) }?.what
        == "sample.h5 in the cache is damaged: expected 2000 bytes, found 1000, and the store is offline.")
  }

  @Test func allAddressesAreNamedWithoutPasswords() throws {
    let first = try LoopbackServer { _ in .status(404) }
    let second = try LoopbackServer { _ in .status(403) }
    let base = "http://anna:secret@127.0.0.1:\(first.port)"
    var (file, options) = official(second.url)
    options.mirrors = [base]
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(
      found?.description == """
        Cannot fetch sample.h5 from any of 3 addresses:
          http://…@127.0.0.1:\(first.port)/family/sample.h5: the server answered 404 (not found)
          http://…@127.0.0.1:\(first.port)/sample.h5: the server answered 404 (not found)
          \(second.url)/family/sample.h5: the server answered 403 (forbidden)
          try: \(advice)
        """)
  }

  @Test func redirectionsToLocalFilesAreRefused() throws {
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.status(302)
      response.headers["Location"] = "file:///etc/passwd"
      return response
    }
    let (file, options) = official(server.url)
    let found = error { _ = try WeightStore(scratch, options).path(for: file) }
    #expect(
      found?.what == "Cannot fetch sample.h5: a redirection leads to something other than http and https.")
    #expect(scratch.names == [])
  }

  @Test func aMirrorOfAnotherKind() throws {
    let found = error {
      _ = try WeightStore(scratch, loopbackOptions("ftp://user:pw@host/keras")).path(for: sampleFile())
    }
    #expect(
      found?.description == """
        "ftp://…@host/keras" is not a mirror.
          try: KERAS_WEIGHTS_BASE_URL takes http, https and file URLs and folders; in a password, write `/` as \
        %2F, `?` as %3F, `#` as %23 and `@` as %40.
        """)
  }
}

/// Folders that do not take a file.
@Suite struct FolderErrorTests {
  @Test func aFileWhereTheFolderShouldBe() throws {
    let scratch = try Scratch()
    try Data("?".utf8).write(to: URL(fileURLWithPath: scratch.models))
    let found = error { _ = try WeightStore(scratch, loopbackOptions("/nowhere")).path(for: sampleFile()) }
    #expect(found?.kind == .fileAccess)
    #expect(
      found?.description == """
        Cannot make the folder \(scratch.models): a file stands where a folder should be.
          try: set KERAS_HOME to a folder that can be written.
        """)
  }

  @Test(.enabled(if: Mount.isAllowed, "mounting a file system is not allowed here"))
  func aReadOnlyFileSystem() throws {
    let mount = try Mount(byteCount: 1 << 20)
    let models = mount.path + "/models"
    try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    let bytes = sampleWeights(byteCount: 1000)
    try Data(bytes).write(to: URL(fileURLWithPath: models + "/here.h5"))
    try mount.makeReadOnly()
    let store = WeightStore(home: KerasHome(path: mount.path), options: loopbackOptions("/nowhere"))
    #expect(try store.path(for: sampleFile("here.h5", hash: md5(of: bytes))) == models + "/here.h5")
    let found = error { _ = try store.path(for: sampleFile()) }
    #expect(
      found?.description == """
        Cannot write \(models)/sample.h5.lock: the file system is read-only.
          try: set KERAS_HOME to a folder that can be written.
        """)
  }

  @Test(
    .enabled(if: Mount.isAllowed, "mounting a file system is not allowed here"), arguments: [true, false])
  func aFullDisk(announcesLength: Bool) throws {
    let mount = try Mount(byteCount: 128 << 10)
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok(sampleWeights())
      response.announcesLength = announcesLength
      return response
    }
    let store = WeightStore(home: KerasHome(path: mount.path), options: loopbackOptions(server.url))
    let found = error { _ = try store.path(for: sampleFile()) }
    #expect(found?.kind == .fileAccess)
    let what = found?.what ?? ""
    let part = "Cannot write \(mount.path)/models/sample.h5.part: "
    if announcesLength {
      #expect(what.hasPrefix(part + "300000 bytes are needed, the disk has "))
    } else {
      #expect(what == part + "the disk is full.")
    }
    #expect(found?.remedy == "make room, or set KERAS_HOME to a folder on another disk.")
    let names = try FileManager.default.contentsOfDirectory(atPath: mount.path + "/models")
    #expect(!names.contains("sample.h5"))
    #expect(server.requests.count == 1)
  }
}
