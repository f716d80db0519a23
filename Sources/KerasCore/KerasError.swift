/// What went wrong, where, and what to do about it.
///
/// Everything that comes from outside (files, arguments, shapes, networks) fails with this type.
/// `kind` is for code to switch on; the rest is for people:
///
/// ```
/// Expected shape [2048, 10], found [2048, 1000].
///   in: resnet50.h5 › predictions › kernel
///   try: this file names 1000 classes; ask for 1000, or start from the features with includeTop: false.
/// ```
public struct KerasError: Error, Hashable, Sendable {
  /// The category of a failure, stable across versions.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// An argument outside its documented range.
    case invalidArgument
    /// Shapes or data types that do not fit together.
    case shapeMismatch
    /// A name (model, layer, option) that is not known; `remedy` lists the nearest ones.
    case unknownName
    /// Something that is valid in Keras but that this backend or version does not do.
    case unsupported
    /// An operation that has no derivative was asked for one.
    case notDifferentiable
    /// A file or folder that is not there.
    case fileNotFound
    /// A file that cannot be opened, read or written: permissions, a full disk, an interrupted device.
    case fileAccess
    /// A file whose contents are damaged, truncated, hostile or of another format.
    case invalidFile
    /// Weights that do not fit the model they are meant for.
    case weightsMismatch
    /// A download that failed, or a network that is not there.
    case network
    /// A file whose size or hash is not the published one.
    case checksumMismatch
    /// A system library that failed although its input was valid.
    case libraryFailure
    /// An error of another type, which code of the user's threw: a closure, a layer of one's own.
    case custom
  }

  public var kind: Kind
  /// What happened: one or more sentences with the expected and the received value.
  public var what: String
  /// Where, from the outermost place (a file, a model) to the innermost (a layer, a weight).
  public var path: [String]
  /// What the reader can do about it.
  public var remedy: String?

  public init(_ kind: Kind, _ what: String, path: [String] = [], remedy: String? = nil) {
    self.kind = kind
    self.what = what
    self.path = path
    self.remedy = remedy
  }

  /// The same error seen from one level further out.
  public func within(_ place: String) -> KerasError {
    var error = self
    error.path.insert(place, at: 0)
    return error
  }
}

extension KerasError: CustomStringConvertible {
  public var description: String {
    var lines = [what]
    if !path.isEmpty { lines.append("  in: " + path.joined(separator: " › ")) }
    if let remedy { lines.append("  try: " + remedy) }
    return lines.joined(separator: "\n")
  }
}

/// Throws what is said of a condition that does not hold.
package func require(
  _ condition: Bool, _ kind: KerasError.Kind, _ what: @autoclosure () -> String, path: [String] = [],
  remedy: String? = nil
) throws(KerasError) {
  guard condition else { throw KerasError(kind, what(), path: path, remedy: remedy) }
}

/// The same of an argument.
package func require(
  _ condition: Bool, _ what: @autoclosure () -> String, remedy: String? = nil
) throws(KerasError) {
  try require(condition, .invalidArgument, what(), remedy: remedy)
}

/// Runs `body` and adds `place` to the path of the error it throws.
package func within<Result: ~Copyable>(
  _ place: @autoclosure () -> String, _ body: () throws(KerasError) -> Result
) throws(KerasError) -> Result {
  do {
    return try body()
  } catch {
    throw error.within(place())
  }
}
