// swift-tools-version: 6.1
import PackageDescription

// The rooms, from the bottom up; a room may open only the rooms it names. Sources/README.md walks
// one prediction through them.

let systemLibraries: [Target] = [
  .systemLibrary(
    name: "COpenBLAS", path: "Sources/System/COpenBLAS", pkgConfig: "openblas",
    providers: [.apt(["libopenblas-dev", "pkg-config"])]),
  .systemLibrary(name: "CZlib", path: "Sources/System/CZlib", providers: [.apt(["zlib1g-dev"])]),
  .systemLibrary(name: "CCrypto", path: "Sources/System/CCrypto", providers: [.apt(["libssl-dev"])]),
  // libpng and libjpeg report errors by longjmp, which Swift cannot cross: a few lines of C stand between.
  .target(name: "CPNG", path: "Sources/System/CPNG", linkerSettings: [.linkedLibrary("png")]),
  .target(name: "CJPEG", path: "Sources/System/CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
  // oneDNN is loaded by the first program, libcurl by the first download, the HDF5 library by the first file
  // that is written, libarchive by the first .keras file: not by every start.
  .target(name: "CDNNL", path: "Sources/System/CDNNL", linkerSettings: [.linkedLibrary("dl")]),
  .target(name: "CCURL", path: "Sources/System/CCURL", linkerSettings: [.linkedLibrary("dl")]),
  .target(name: "CHDF5", path: "Sources/System/CHDF5", linkerSettings: [.linkedLibrary("dl")]),
  // libwebp need not be there at all.
  .target(name: "CWebP", path: "Sources/System/CWebP", linkerSettings: [.linkedLibrary("dl")]),
  // A PJRT plugin is opened by who asks for a device, never by a start.
  .target(name: "CPJRT", path: "Sources/System/CPJRT", linkerSettings: [.linkedLibrary("dl")]),
  .target(name: "CArchive", path: "Sources/System/CArchive", linkerSettings: [.linkedLibrary("dl")]),
]

let rooms: [Target] = [
  // What everything is made of: tensors, shapes, errors.
  .target(name: "KerasCore"),
  // The language of computation: operations, passes, the backend's door.
  .target(name: "KerasGraph", dependencies: ["KerasCore"]),
  // C kernels for what no library has, compiled for several CPUs at once.
  .target(name: "KerasKernels"),
  // Readable loops for every operation and element type, which both backends share.
  .target(name: "KerasPlainKernels", dependencies: ["KerasGraph"]),
  // Two backends behind the same door: the plain one defines right, the fast one is judged against it.
  .target(name: "KerasOpenBLASBackend", dependencies: ["KerasPlainKernels", "COpenBLAS"]),
  .target(name: "KerasOneDNNBackend", dependencies: ["KerasPlainKernels", "KerasKernels", "CDNNL"]),
  // GPUs and other devices, through XLA and whatever PJRT plugin is there.
  .target(name: "KerasXLABackend", dependencies: ["KerasPlainKernels", "CCrypto", "CPJRT"]),
  // Files are data: Keras' HDF5 layouts, read from hostile hands.
  .target(
    name: "KerasFiles", dependencies: ["KerasCore", "CZlib", "CHDF5", "CArchive"], exclude: ["README.md"]),
  // Layers write graph operations; models are graphs of layers.
  .target(name: "KerasLayers", dependencies: ["KerasGraph"]),
  .target(
    name: "KerasModels",
    dependencies: [
      "KerasLayers", "KerasFiles", "KerasOpenBLASBackend", "KerasOneDNNBackend", "KerasXLABackend",
    ]),
  // Curves, as SVG and as pictures.
  .target(name: "KerasCharts", dependencies: ["KerasPreprocessing"]),
  // Losses, metrics and optimizers, and the steps of training they make of a model.
  .target(name: "KerasTraining", dependencies: ["KerasModels", "KerasCharts", "KerasStore"]),
  // Facts about published weights, and the cache that holds them.
  .target(
    name: "KerasWeights", dependencies: ["KerasCore", "CShippedWeights"], path: "Weights",
    exclude: ["Shipped"]),
  // A small model that needs no network, compiled into every program.
  .target(
    name: "CShippedWeights", path: "Weights/Shipped",
    exclude: ["cifar10_resnet20.keras", "cifar10_resnet20.csv", "README.md"]),
  .target(
    name: "KerasStore",
    dependencies: ["KerasFiles", "KerasWeights", "CCURL", "CCrypto"]),
  .target(
    name: "KerasPreprocessing",
    dependencies: ["KerasCore", "CCrypto", "COpenBLAS", "CPNG", "CJPEG", "CWebP"]),
  // Published data sets, through the store.
  .target(
    name: "KerasDatasets",
    dependencies: ["KerasFiles", "KerasLayers", "KerasStore", "KerasWeights"]),
  // The model zoo.
  .target(
    name: "KerasApplications",
    dependencies: [
      "KerasModels", "KerasFiles", "KerasOpenBLASBackend", "KerasPreprocessing", "KerasStore", "KerasWeights",
    ],
    path: "Applications", exclude: ["README.md"]),
  // Classifiers made of models that have learned on other pictures, and measured.
  .target(name: "KerasFineTuning", dependencies: ["KerasApplications", "KerasStore", "KerasTraining"]),
  // Event files for TensorBoard: the one room that needs protobuf.
  .target(
    name: "KerasTensorBoard",
    dependencies: ["KerasTraining", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
    exclude: ["Protocol/tensorboard.proto"]),
  // What users import, and what they run.
  .target(
    name: "Keras",
    dependencies: ["KerasDatasets", "KerasFineTuning", "KerasTensorBoard", "KerasFiles", "KerasXLABackend"]),
  .executableTarget(
    name: "KerasCommand",
    dependencies: ["Keras", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
]

// What a user would copy.
let examples: [Target] = [
  "SentimentClassifier", "antirectifier", "cifar10_cnn", "cifar10_resnet", "extract_features", "fine_tune",
  "mnist_cnn", "mnist_mlp", "pretrained_word_embeddings", "timeseries_forecast",
].map {
  .executableTarget(name: $0, dependencies: ["Keras"], path: "Examples/\($0)")
}

// Programs that measure; Benchmarks/README.md tells how.
let benchmarks: [Target] = [
  .target(name: "KerasBenchmarkTurns", path: "Benchmarks/Turns"),
  .executableTarget(
    name: "KerasLayerBenchmark", dependencies: ["KerasBenchmarkTurns", "KerasLayers", "KerasOneDNNBackend"],
    path: "Benchmarks/Layers"),
  .executableTarget(
    name: "KerasTrainingBenchmark",
    dependencies: ["KerasBenchmarkTurns", "Keras", "KerasOneDNNBackend"], path: "Benchmarks/Training"),
  .executableTarget(
    name: "KerasPipelineBenchmark", dependencies: ["KerasBenchmarkTurns", "KerasPreprocessing"], path: "Benchmarks/Pipeline"),
  .executableTarget(
    name: "KerasModelBenchmark", dependencies: ["KerasBenchmarkTurns", "KerasFiles", "KerasModels"],
    path: "Benchmarks/Models"),
]

let tests: [Target] = [
  .target(name: "KerasTestSupport", dependencies: ["Keras", "KerasFiles"], path: "Tests/KerasTestSupport"),
  .testTarget(
    name: "KerasApplicationsTests",
    dependencies: ["KerasTestSupport", "KerasBackendTestSupport", "KerasLoopbackServer"]),
  // What real Keras computes, case by case: layers, functions, files.
  .testTarget(name: "KerasGoldenTests", dependencies: ["KerasTestSupport", "KerasBackendTestSupport"]),
  // The command as a user runs it.
  .testTarget(
    name: "KerasCommandTests", dependencies: ["KerasTestSupport", "KerasLoopbackServer", "KerasCommand"],
    exclude: ["Fixtures"]),
  // Models in files for Python's Keras to open, and the other way round; Tests/Interop/run drives it.
  .executableTarget(
    name: "KerasInteropWriter", dependencies: ["KerasModels", "KerasFiles"], path: "Tests/KerasInteropWriter"),
  // Every piece of Swift that README.md, Documentation and the comments of what is public show.
  .testTarget(name: "KerasDocumentationTests", dependencies: ["Keras"]),
  .testTarget(name: "KerasWeightsTests", dependencies: ["KerasWeights"]),
  .testTarget(
    name: "KerasLayersTests", dependencies: ["KerasModels", "KerasBackendTestSupport"],
    exclude: ["KerasClasses.txt"]),
  .testTarget(name: "KerasChartsTests", dependencies: ["KerasCharts"]),
  // A training in a process of its own, which can be killed or run out of disk.
  .executableTarget(
    name: "KerasTrainingProbe", dependencies: ["KerasTraining"], path: "Tests/KerasTrainingProbe"),
  .testTarget(
    name: "KerasTrainingTests",
    dependencies: ["KerasTestSupport", "KerasBackendTestSupport", "KerasLoopbackServer", "KerasTraining", "KerasTrainingProbe"]),
  .testTarget(
    name: "KerasDatasetsTests", dependencies: ["KerasTestSupport", "KerasDatasets"], exclude: ["Fixtures"]),
  .testTarget(name: "KerasTensorBoardTests", dependencies: ["KerasTensorBoard"]),
  .testTarget(name: "KerasFineTuningTests", dependencies: ["KerasFineTuning"]),
  .testTarget(name: "KerasModelsTests", dependencies: ["KerasModels", "KerasPlainKernels"]),
  // The store against a server on this machine, and a process of its own that can be killed.
  .target(name: "KerasLoopbackServer", path: "Tests/KerasLoopbackServer"),
  .executableTarget(name: "KerasFetchProbe", dependencies: ["KerasStore"], path: "Tests/KerasFetchProbe"),
  .testTarget(
    name: "KerasStoreTests", dependencies: ["KerasStore", "KerasLoopbackServer", "KerasFetchProbe"]),
  .testTarget(name: "KerasFilesTests", dependencies: ["KerasFiles"], exclude: ["Fixtures"]),
  .testTarget(name: "KerasCoreTests", dependencies: ["KerasCore"], exclude: ["Fixtures"]),
  // Seeded problems, a slow witness in double precision, and the backends that are judged.
  .target(
    name: "KerasBackendTestSupport",
    dependencies: ["KerasGraph", "KerasOpenBLASBackend", "KerasOneDNNBackend", "KerasXLABackend"],
    path: "Tests/KerasBackendTestSupport"),
  .testTarget(name: "KerasGraphTests", dependencies: ["KerasBackendTestSupport"]),
  .testTarget(name: "KerasBackendTests", dependencies: ["KerasBackendTestSupport", "KerasPlainKernels"]),
  .testTarget(name: "KerasPreprocessingTests", dependencies: ["KerasPreprocessing"]),
  // Compiles models for a GPU that is not here; Tests/PJRT/compile-for-gpu drives it.
  .executableTarget(
    name: "KerasAheadOfTime", dependencies: ["Keras", "KerasXLABackend"], path: "Tests/KerasAheadOfTime"),
  // A node of a group in a process of its own.
  .executableTarget(name: "KerasNodeProbe", dependencies: ["KerasXLABackend"], path: "Tests/KerasNodeProbe"),
  .testTarget(
    name: "KerasXLABackendTests", dependencies: ["KerasBackendTestSupport", "KerasXLABackend", "KerasNodeProbe"]),
  .testTarget(name: "KerasOneDNNBackendTests", dependencies: ["KerasBackendTestSupport", "KerasKernels"]),
]

// While working on one room: KERAS_TEST_TARGETS=KerasGoldenTests,KerasLayersTests builds the tests of no other.
let wantedTests = Context.environment["KERAS_TEST_TARGETS"]?.split(separator: ",").map(String.init)
let builtTests = tests.filter { $0.type != .test || wantedTests?.contains($0.name) ?? true }

// For `make documentation` alone: whoever uses the package fetches no plugin.
let documentationTools: [Package.Dependency] =
  Context.environment["KERAS_DOCUMENTATION"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]

let package = Package(
  name: "keras",
  products: [
    .library(name: "Keras", targets: ["Keras"]),
    .executable(name: "keras", targets: ["KerasCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ] + documentationTools,
  targets: systemLibraries + rooms + examples + benchmarks + builtTests
)
