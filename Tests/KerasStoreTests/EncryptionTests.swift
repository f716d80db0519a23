import Foundation
import KerasCore
import KerasLoopbackServer
import KerasWeights
import Testing

@testable import KerasStore

/// Encrypted downloads, from the server that `openssl s_server` is: whose certificates are trusted, and what is said
/// of others.
@Suite(.enabled(if: SecureServer.isPossible, "the program openssl makes the certificates"))
struct EncryptionTests {
  let scratch: Scratch
  let bytes = sampleWeights(byteCount: 20_000)
  init() throws { scratch = try Scratch() }

  private func failure(
    _ server: SecureServer, trusting authorities: String?, hash: FileHash? = nil
  ) throws -> String? {
    var options = loopbackOptions(server.url)
    options.certificateFile = authorities
    let store = WeightStore(scratch, options)
    return error { _ = try store.path(for: sampleFile(hash: hash)) }?.what
  }

  private func refusal(_ reason: String) -> String { "Cannot fetch sample.h5: \(reason)." }

  @Test func aTrustedHost() throws {
    let server = try SecureServer(in: scratch.home)
    try server.put(bytes)
    #expect(try failure(server, trusting: server.certificate) == nil)
    #expect(try scratch.bytes(of: "sample.h5") == bytes)
  }

  @Test func aHostNobodyVouchesFor() throws {
    let server = try SecureServer(in: scratch.home)
    try server.put(bytes)
    #expect(
      try failure(server, trusting: nil)
        == refusal("the host's certificate is not trusted (CURL_CA_BUNDLE names a file of authorities)"))
    #expect(scratch.names == [])
  }

  @Test func anExpiredCertificate() throws {
    let server = try SecureServer(in: scratch.home, days: -1)
    #expect(
      try failure(server, trusting: server.certificate)
        == refusal("the host's certificate has expired (or this machine's clock is wrong)"))
  }

  @Test func aCertificateOfAnotherHost() throws {
    let server = try SecureServer(in: scratch.home, host: "DNS:example.org")
    let found = try failure(server, trusting: server.certificate)
    #expect(found == refusal("the host's certificate is for another host"))
  }

  @Test func authoritiesThatAreNotThere() throws {
    let server = try SecureServer(in: scratch.home)
    #expect(
      try failure(server, trusting: "/nowhere/authorities.pem")
        == refusal(
          "the file of authorities that CURL_CA_BUNDLE or SSL_CERT_FILE names cannot be used: "
            + "/nowhere/authorities.pem"))
  }

  /// Without a hash, nobody could tell what came over an open line; with one, it may.
  @Test(arguments: [true, false]) func leavingEncryption(hasHash: Bool) throws {
    let bytes = bytes
    let open = try LoopbackServer { _ in .ok(bytes) }
    let server = try SecureServer(in: scratch.home, answersAreWhole: true)
    let answer = "HTTP/1.1 302 Found\r\nLocation: \(open.url)/family/sample.h5\r\nContent-Length: 0\r\n\r\n"
    try server.put(Array(answer.utf8))
    let found = try failure(server, trusting: server.certificate, hash: hasHash ? md5(of: bytes) : nil)
    if hasHash {
      #expect(found == nil)
      #expect(try scratch.bytes(of: "sample.h5") == bytes)
    } else {
      #expect(
        found
          == refusal(
            "a redirection leads away from https, and no hash is published that would tell what comes"))
      #expect(open.requests.isEmpty)
    }
  }

  /// A host that speaks plain HTTP where https is asked for.
  @Test func noEncryptionToBeHad() throws {
    let open = try LoopbackServer { _ in .ok([]) }
    let store = WeightStore(
      scratch, loopbackOptions(open.url.replacingOccurrences(of: "http:", with: "https:"), attempts: 1))
    let found = error { _ = try store.path(for: sampleFile()) }
    #expect(
      found?.what
        == refusal("no encrypted connection came about (does the host speak https there?)"))
  }
}

/// `openssl s_server` with a certificate of its own, which serves the file `family/sample.h5`.
private final class SecureServer {
  static let isPossible = FileManager.default.isExecutableFile(atPath: program)
  private static let program = "/usr/bin/openssl"

  let url: String
  /// The certificate's file; it vouches for itself.
  let certificate: String
  private let folder: String
  private let process = Process()

  /// - Parameters:
  ///   - days: How long the certificate lasts; -1 for one of yesterday.
  ///   - answersAreWhole: Whether files hold the answer's head, too.
  init(
    in home: String, days: Int = 2, host: String = "IP:127.0.0.1", answersAreWhole: Bool = false
  ) throws {
    folder = home + "/server"
    certificate = folder + "/own.crt"
    let key = folder + "/own.key"
    let request = folder + "/own.csr"
    try FileManager.default.createDirectory(atPath: folder + "/family", withIntermediateDirectories: true)
    try Data("subjectAltName=\(host)\n".utf8).write(to: URL(fileURLWithPath: folder + "/names"))
    try Self.run(
      ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key]
        + ["-out", request, "-subj", "/CN=keras test"])
    try Self.run(
      ["x509", "-req", "-in", request, "-signkey", key, "-days", "\(days)", "-extfile", folder + "/names"]
        + ["-out", certificate])
    process.executableURL = URL(fileURLWithPath: Self.program)
    process.arguments =
      ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key]
      + [answersAreWhole ? "-HTTP" : "-WWW"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    // It says where it listens: `ACCEPT 127.0.0.1:34567`.
    var text = ""
    var address: Substring?
    while address == nil {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw CocoaError(.fileReadUnknown) }
      text += String(decoding: more, as: UTF8.self)
      address = text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1)
        .first { $0.hasPrefix("ACCEPT ") }?.dropFirst("ACCEPT ".count)
    }
    url = "https://" + (address ?? "")
  }

  deinit {
    // Tests run where SIGTERM is blocked, and the process has that of them.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  func put(_ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/family/sample.h5"))
  }

  private static func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }
}
