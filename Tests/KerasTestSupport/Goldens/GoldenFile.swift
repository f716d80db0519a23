import Foundation
@_exported import Keras
import KerasFiles
import Testing

/// One case of a golden file: what real Keras computed.
public struct GoldenCase: Sendable, CustomTestStringConvertible {
  public let file: String
  public let id: String
  public let kind: String
  /// Passes when all |got − want| ≤ absoluteTolerance + relativeTolerance · |want|.
  public let relativeTolerance: Double
  public let absoluteTolerance: Double
  let group: HDF5Group
  /// Where the case file is; files it names stand beside it.
  public let folder: URL

  public var testDescription: String { "\(id) (\(file))" }

  /// A text of the case; long ones are stored as data.
  public func text(_ name: String) throws -> String {
    if let text = try group.attribute(name)?.string { return text }
    let bytes: [UInt8] = try group.dataset(at: name).tensor().scalars()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A text that holds JSON.
  public func json<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(try text(name).utf8))
  }

  /// A text that holds a JSON object of unknown keys.
  public func jsonObject(_ name: String) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(try text(name).utf8))
    return try (object as? [String: Any]) ?? { throw GoldenError("\(name) is not a JSON object") }()
  }

  public func number(_ name: String) throws -> Double {
    switch try group.attribute(name)?.value {
    case .reals(let numbers)?: numbers[0]
    case .integers(let numbers)?: Double(numbers[0])
    default: throw GoldenError("no number \(name)")
    }
  }

  public func tensor(_ path: String) throws -> Tensor { try group.dataset(at: path).tensor() }

  /// The names inside a folder of the case; none when it is not there.
  public func names(in folder: String) throws -> [String] { try group.group(at: folder)?.names ?? [] }

  /// Checks an array against the stored one.
  public func expect(_ got: Tensor, equals path: String) throws {
    let want = try tensor(path)
    try expectClose(
      got, want, relative: relativeTolerance, absolute: absoluteTolerance, what: path)
  }
}

/// Why a case fails.
public struct GoldenError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// A case asks for something that is not there yet.
public struct UnsupportedGolden: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// Compares two arrays element by element.
///
/// - Throws: ``GoldenError`` with the worst element.
public func expectClose(
  _ got: Tensor, _ want: Tensor, relative: Double, absolute: Double, what: String
) throws {
  guard got.shape == want.shape else {
    throw GoldenError("\(what): expected shape \(want.shape), found \(got.shape)")
  }
  let a: [Double] = got.scalars()
  let b: [Double] = want.scalars()
  var worst = (excess: 0.0, index: -1)
  for index in a.indices {
    // Written so that a NaN counts as a difference.
    let excess = abs(a[index] - b[index]) / (absolute + relative * abs(b[index]))
    if !(excess <= 1), !(excess <= worst.excess) { worst = (excess, index) }
  }
  if worst.index >= 0 {
    throw GoldenError(
      "\(what): element \(worst.index) is \(a[worst.index]), expected \(b[worst.index]); "
        + "\(worst.excess) times the tolerance")
  }
}

public enum GoldenFiles {
  private static let namedFolder = ProcessInfo.processInfo.environment["KERAS_GOLDEN_DIR"]

  /// Whether `KERAS_GOLDEN_DIR` chose other cases than the package's own.
  public static let isFolderNamed = namedFolder != nil

  /// All cases of the case files in the package's folder, in the one beside the package where it is there,
  /// or in `KERAS_GOLDEN_DIR` alone where that is set.
  public static let all: [GoldenCase] = {
    let ownFolders =
      [PackagePaths.goldens] + (PackagePaths.shared.map { [$0.appending(path: "golden")] } ?? [])
    let folders = namedFolder.map { [URL(filePath: $0)] } ?? ownFolders
    // A file that stands in both places is read once, the whole one: here is only a chosen part.
    var files: [String: URL] = [:]
    for folder in folders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
      for name in names where name.hasSuffix(".h5") { files[name] = folder.appending(path: name) }
    }
    return files.sorted { $0.key < $1.key }.flatMap { name, url in
      do {
        return try cases(of: url.path, name: name)
      } catch {
        // A test folder that cannot be read must not look like one without cases.
        fatalError("\(url.path): \(error)")
      }
    }
  }()

  private static func cases(of path: String, name: String) throws -> [GoldenCase] {
    let root = try HDF5File(path: path).root
    // Small weight files made for other tests live in the same folder.
    guard try root.attribute("format")?.string == "golden/1", let folder = try root.group(at: "cases") else {
      return []
    }
    return try folder.names.map { id in
      guard let group = try folder.group(at: id), let kind = try group.attribute("kind")?.string else {
        throw GoldenError("case \(id) has no kind")
      }
      func tolerance(_ name: String) throws -> Double {
        if case .reals(let numbers)? = try group.attribute(name)?.value { numbers[0] } else { 0 }
      }
      return GoldenCase(
        file: name, id: id, kind: kind, relativeTolerance: try tolerance("rtol"),
        absoluteTolerance: try tolerance("atol"), group: group,
        folder: URL(filePath: path).deletingLastPathComponent())
    }
  }
}
