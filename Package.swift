// swift-tools-version: 6.1
import PackageDescription

// The rooms, from the bottom up; a room may open only the rooms it names. Sources/README.md walks
// one prediction through them.

let systemLibraries: [Target] = [
  .systemLibrary(name: "CDNNL", path: "Sources/System/CDNNL"),
  .systemLibrary(name: "COpenBLAS", path: "Sources/System/COpenBLAS", pkgConfig: "openblas"),
  .systemLibrary(name: "CHDF5", path: "Sources/System/CHDF5", pkgConfig: "hdf5"),
  .systemLibrary(name: "CZlib", path: "Sources/System/CZlib"),
  .systemLibrary(name: "CCURL", path: "Sources/System/CCURL"),
  // libpng and libjpeg report errors by longjmp, which Swift cannot cross: a few lines of C stand between.
  .target(name: "CPNG", path: "Sources/System/CPNG", linkerSettings: [.linkedLibrary("png")]),
  .target(name: "CJPEG", path: "Sources/System/CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
]

let rooms: [Target] = [
  // What everything is made of: tensors, shapes, errors.
  .target(name: "KerasCore"),
  // The language of computation: operations, passes, the backend's door.
  .target(name: "KerasGraph", dependencies: ["KerasCore"]),
  // C kernels for what no library has, compiled for several CPUs at once.
  .target(name: "KerasKernels"),
  // Two backends behind the same door: the plain one defines right, the fast one is judged against it.
  .target(name: "KerasOpenBLASBackend", dependencies: ["KerasGraph", "COpenBLAS"]),
  .target(name: "KerasOneDNNBackend", dependencies: ["KerasGraph", "KerasKernels", "CDNNL"]),
  // Files are data: Keras' HDF5 layouts, read from hostile hands.
  .target(name: "KerasFiles", dependencies: ["KerasCore", "CZlib"], exclude: ["README.md"]),
  // Layers write graph operations; models are graphs of layers.
  .target(name: "KerasLayers", dependencies: ["KerasGraph"]),
  .target(
    name: "KerasModels",
    dependencies: ["KerasLayers", "KerasFiles", "KerasOpenBLASBackend", "KerasOneDNNBackend"]),
  // Facts about published weights, and the cache that holds them.
  .target(name: "KerasWeights", dependencies: ["KerasCore"], path: "Weights"),
  .target(
    name: "KerasStore",
    dependencies: ["KerasCore", "CCURL", .product(name: "Crypto", package: "swift-crypto")]),
  .target(name: "KerasPreprocessing", dependencies: ["KerasCore", "CPNG", "CJPEG"]),
  // The model zoo.
  .target(
    name: "KerasApplications",
    dependencies: ["KerasModels", "KerasPreprocessing", "KerasStore", "KerasWeights"],
    path: "Applications"),
  // What users import, and what they run.
  .target(name: "Keras", dependencies: ["KerasApplications"]),
  .executableTarget(
    name: "KerasCommand",
    dependencies: ["Keras", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
]

let tests: [Target] = [
  .target(name: "KerasTestSupport", dependencies: ["Keras"], path: "Tests/KerasTestSupport"),
  .testTarget(name: "KerasCoreTests", dependencies: ["KerasTestSupport"]),
  .testTarget(name: "KerasFilesTests", dependencies: ["KerasFiles"], exclude: ["Fixtures"]),
]

let package = Package(
  name: "keras",
  products: [
    .library(name: "Keras", targets: ["Keras"]),
    .executable(name: "keras", targets: ["KerasCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
  ],
  targets: systemLibraries + rooms + tests
)
