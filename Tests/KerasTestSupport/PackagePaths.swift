import Foundation
import Testing

/// Where tests find what is not compiled into them.
public enum PackagePaths {
  /// The folder of Package.swift.
  public static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Case files that are part of the package.
  public static let goldens = root.appending(path: "Tests/Goldens")

  /// Pictures, weights and data sets beside the package; nil where there are none, and tests that need them
  /// say so and do nothing. `KERAS_SHARED_DIR` names another place.
  public static let shared: URL? = {
    let named = ProcessInfo.processInfo.environment["KERAS_SHARED_DIR"].map { URL(filePath: $0) }
    let folder = named ?? root.deletingLastPathComponent().appending(path: "shared")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()

  /// Why a test that needs ``shared`` does nothing.
  public static let sharedIsAbsent: Comment = "needs the pictures and weights kept beside the package"
}
