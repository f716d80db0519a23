import Foundation
import KerasCore
import KerasLoopbackServer
import KerasWeights
import Testing

@testable import KerasStore

/// Files of others: those that are not to be trusted, and those that are not to be touched.
@Suite struct NeighbourTests {
  let scratch: Scratch
  let bytes = sampleWeights(byteCount: 20_000)
  init() throws { scratch = try Scratch() }

  static let isRoot = geteuid() == 0
  static let needsRoot: Comment = "only root can make files of other users"

  private func goodServer() throws -> LoopbackServer {
    let bytes = bytes
    return try LoopbackServer { _ in .ok(bytes) }
  }

  /// A home whose own folder works, or not, and whose fallback holds `name`.
  private func home(ownWorks: Bool, planting name: String) throws -> KerasHome {
    let fallback = scratch.home + "/fallback"
    try FileManager.default.createDirectory(
      atPath: fallback + "/models", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    chmod(fallback, 0o700)
    try Data(bytes).write(to: URL(fileURLWithPath: fallback + "/models/" + name))
    return KerasHome(path: ownWorks ? scratch.home + "/own" : "/dev/null/own", fallbackPath: fallback)
  }

  @Test func theFallbackIsReadOnlyWhereItIsNeeded() throws {
    var options = loopbackOptions()
    options.isOffline = true
    let file = try WeightCatalog.file(for: "MobileNet")
    let works = try home(ownWorks: true, planting: file.fileName)
    #expect(try WeightStore(home: works, options: options).cachedPath(for: file) == nil)
    #expect(WeightStore(home: works, options: options).list() == [])
    let fails = try home(ownWorks: false, planting: file.fileName)
    let path = scratch.home + "/fallback/models/" + file.fileName
    #expect(try WeightStore(home: fails, options: options).cachedPath(for: file) == path)
  }

  @Test func aLockInAFallbackThatIsNotNeededBlocksNoPrune() throws {
    let name = try WeightCatalog.file(for: "MobileNet").fileName
    let home = try home(ownWorks: true, planting: name + ".lock")
    #expect(WeightStore(home: home, options: loopbackOptions()).prune() == PruneOutcome())
    #expect(FileManager.default.fileExists(atPath: scratch.home + "/fallback/models/\(name).lock"))
  }

  enum Fault: CaseIterable { case folderOfAnother, openFolder, openModels, link, fileOfAnother, openFile }

  @Test(.enabled(if: isRoot, needsRoot), arguments: Fault.allCases)
  func aFallbackThatOthersCanWriteToIsNotUsed(fault: Fault) throws {
    let home = try home(ownWorks: false, planting: "sample.h5")
    let folder = scratch.home + "/fallback"
    let file = folder + "/models/sample.h5"
    switch fault {
    case .folderOfAnother: chown(folder, 65534, 65534)
    case .openFolder: chmod(folder, 0o1777)
    case .openModels: chmod(folder + "/models", 0o770)
    case .link:
      rename(folder, folder + "2")
      symlink(folder + "2", folder)
    case .fileOfAnother: chown(file, 65534, 65534)
    case .openFile: chmod(file, 0o666)
    }
    let log = Log<StoreEvent>()
    let server = try goodServer()
    let store = WeightStore(home: home, options: loopbackOptions(server.url)) { log.append($0) }
    #expect(try store.cachedPath(for: sampleFile()) == nil)
    if fault == .fileOfAnother || fault == .openFile {
      #expect(try store.path(for: sampleFile()) == file)
      #expect(try store.cachedPath(for: sampleFile()) == file)
    } else {
      let found = error { _ = try store.path(for: sampleFile()) }
      #expect(found?.kind == .fileAccess)
      let place = fault == .openModels ? folder + "/models" : folder
      let reason = "\(place) is not used: it must be a folder of this user's own that nobody else can write to"
      #expect(log.all.first == .passedOver(reason: reason))
      #expect(server.requests.isEmpty)
    }
  }

  enum Own: String, CaseIterable { case part = ".part", lock = ".lock", note = ".part.from" }

  @Test(arguments: Own.allCases, [true, false])
  func linksInTheStoresPlacesAreRemovedAndNotFollowed(own: Own, isSymbolic: Bool) throws {
    let precious = scratch.home + "/precious"
    let text = Data("precious".utf8)
    try text.write(to: URL(fileURLWithPath: precious))
    try scratch.put([], as: "other")
    let place = scratch.path("sample.h5" + own.rawValue)
    #expect((isSymbolic ? symlink(precious, place) : link(precious, place)) == 0)
    let server = try goodServer()
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile(hash: md5(of: bytes)))
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(FileManager.default.contents(atPath: precious) == text)
    #expect(scratch.names == ["other", "sample.h5"])
  }

  @Test(arguments: Own.allCases)
  func foldersAndPipesInTheStoresPlacesAreNoObstacle(own: Own) throws {
    let server = try goodServer()
    for kind in ["pipe", "empty", "full"] {
      let place = scratch.path("\(kind).h5" + own.rawValue)
      try scratch.put([], as: "other")
      if kind == "pipe" {
        #expect(mkfifo(place, 0o600) == 0)
      } else {
        #expect(mkdir(place, 0o700) == 0)
        if kind == "full" { try Data("mine".utf8).write(to: URL(fileURLWithPath: place + "/mine")) }
      }
      _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile("\(kind).h5"))
      #expect(try scratch.bytes(of: "\(kind).h5") == bytes)
      if kind == "full" {
        let kept = own == .note ? place : place + ".kept"
        #expect(FileManager.default.contents(atPath: kept + "/mine") == Data("mine".utf8))
      }
    }
  }

  /// As another user, in a folder that both may write to.
  @Test(.enabled(if: isRoot && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv"), needsRoot))
  func whatAnotherUserLeftIsNoObstacle() throws {
    let server = try goodServer()
    for (name, mode) in [("sample.h5.lock", 0o600), ("sample.h5.part", 0o600), ("sample.h5", 0o000)] {
      try scratch.put([1, 2, 3], as: name)
      chmod(scratch.path(name), mode_t(mode))
    }
    chmod(scratch.home, 0o777)
    chmod(scratch.models, 0o777)
    let (text, notes) = try fetchAsNobody(server)
    #expect(text == scratch.path("sample.h5") + "\n")
    #expect(
      notes == "kept as \(scratch.path("sample.h5.kept")): expected a file that can be read (permission denied)\n")
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
    #expect(scratch.names == ["sample.h5", "sample.h5.kept"])
  }

  /// Where only owners may remove files, what another user left stays as it is, and it is said who can help.
  @Test(
    .enabled(if: isRoot && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv"), needsRoot),
    arguments: [".lock", ".part", ""])
  func whatAnotherUserLeftWhereOnlyOwnersRemoveIsLeftAlone(suffix: String) throws {
    let server = try goodServer()
    let name = "sample.h5" + suffix
    try scratch.put([1, 2, 3], as: name)
    chmod(scratch.path(name), 0o600)
    chmod(scratch.home, 0o1777)
    chmod(scratch.models, 0o1777)
    let (text, notes) = try fetchAsNobody(server)
    #expect(notes == "")
    let path = scratch.path(name)
    let what = suffix == "" ? "Cannot rename \(path) to \(path).kept" : "Cannot write \(path)"
    #expect(
      text == """
        \(what): \(path) is another user's, and only its owner may remove it there.
          try: have it removed, or set KERAS_HOME to a folder of your own.

        """)
    #expect(try scratch.bytes(of: name) == [1, 2, 3])
  }

  /// Runs the probe as the user nobody.
  private func fetchAsNobody(_ server: LoopbackServer) throws -> (output: String, errors: String) {
    let probe = Process()
    probe.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    probe.arguments = [
      "--reuid=65534", "--regid=65534", "--clear-groups", FetchProbe.path, scratch.home, server.url, "sample.h5",
    ]
    let (output, errors) = (Pipe(), Pipe())
    (probe.standardOutput, probe.standardError) = (output, errors)
    try probe.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let notes = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    probe.waitUntilExit()
    return (text, notes)
  }

  /// A record is replaced, not written: what else has its bytes keeps them.
  @Test(arguments: [true, false])
  func aLinkInARecordsPlaceIsNotWrittenThrough(isSymbolic: Bool) throws {
    let precious = scratch.home + "/precious"
    let text = Data("precious\n".utf8)
    try text.write(to: URL(fileURLWithPath: precious))
    try scratch.put([], as: "other")
    let place = scratch.path(".sample.h5.verified")
    #expect((isSymbolic ? symlink(precious, place) : link(precious, place)) == 0)
    let server = try goodServer()
    let hash = try md5(of: bytes)
    _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile(hash: hash))
    #expect(FileManager.default.contents(atPath: precious) == text)
    #expect(FileStatus(named: place)?.kind == .file && FileStatus(named: place)?.linkCount == 1)
    #expect(VerificationRecord(forFile: scratch.path("sample.h5")).evidence == .published(hash))
  }
}
